const built = (page) => async (tools) => {
  await tools.npx("parcel", "build", "page.html", "with-worker.html", "--no-cache", "--dist-dir=built");
  return tools.served("chromium", "built", page);
};

export const rows = { "Parcel 2": { "page": built("/page.html"), "worker": built("/with-worker.html") } };
