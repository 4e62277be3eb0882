const worker = new Worker(new URL("./worker.js", import.meta.url), { type: "module" });
// Before the worker has loaded anything.
worker.postMessage("use it");
worker.onmessage = ({ data }) => {
  document.body.dataset.report = data;
};
