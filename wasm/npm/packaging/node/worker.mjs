import { Worker } from "node:worker_threads";

const worker = new Worker(new URL("in-worker.mjs", import.meta.url));
// Before the worker has loaded anything.
worker.postMessage("use it");
worker.once("message", (report) => {
  console.log(report);
  worker.terminate();
});
