const { port1, port2 } = new MessageChannel();
port1.onmessage = ({ data }) => {
  document.body.dataset.report = data;
};
// Before the worker has loaded anything.
new Worker("worker.js", { type: "module" }).postMessage("use it", [port2]);
