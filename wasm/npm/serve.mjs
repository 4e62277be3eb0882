// Files for pages, served to this machine alone.

import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { extname } from "node:path";

const TYPES = {
  ".css": "text/css",
  ".html": "text/html",
  ".js": "text/javascript",
  ".json": "application/json",
  ".map": "application/json",
  ".mjs": "text/javascript",
  ".svg": "image/svg+xml",
  ".wasm": "application/wasm",
};

/**
 * Serves on a port of loopback while `use` runs, which gets the origin. `fileOf` says which file is at a path;
 * where there is none, the answer is 404. Each answer has the `headers`.
 */
export async function serving(fileOf, use, headers = {}) {
  const server = createServer(async ({ url }, response) => {
    const file = fileOf(decodeURIComponent(new URL(url, "http://localhost").pathname));
    const type = TYPES[extname(file)] ?? "application/octet-stream";
    try {
      const content = await readFile(file);
      response.writeHead(200, { "content-type": type, ...headers }).end(content);
    } catch {
      response.writeHead(404).end();
    }
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  try {
    return await use(`http://127.0.0.1:${server.address().port}`);
  } finally {
    server.closeAllConnections();
    server.close();
  }
}
