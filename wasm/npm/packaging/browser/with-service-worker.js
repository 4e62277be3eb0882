const { port1, port2 } = new MessageChannel();
port1.onmessage = ({ data }) => {
  document.body.dataset.report = data;
};
await navigator.serviceWorker.register("worker.js", { type: "module" });
const { active } = await navigator.serviceWorker.ready;
active.postMessage("use it", [port2]);
