export default {
  build: { rollupOptions: { input: ["page.html", "with-worker.html"] } },
  // On the server, packages stay outside unless this says otherwise.
  ssr: { noExternal: true },
};
