// The frontend's service: `PORT=8080 node server/main.ts [DIRECTORY]`. Serves the built site.

import { createServer } from "node:http";
import { join } from "node:path";

import { answer } from "./answer.ts";
import { readSite } from "./site.ts";

const REQUEST_MS = 15_000;
const DRAIN_MS = 4_000; // Cloud Run kills after 10 s, `netra up` after 6
const EXIT_USAGE = 2;

const directory = process.argv[2] ?? join(import.meta.dirname, "..", "out");
const port = Number(process.env["PORT"] ?? "8080");
const host = process.env["HOST"] ?? "127.0.0.1";

try {
  serve();
} catch (reason) {
  process.stderr.write(`netra-frontend: ${reason instanceof Error ? reason.message : String(reason)}\n`);
  process.exitCode = EXIT_USAGE;
}

function serve(): void {
  if (!Number.isInteger(port) || port < 1 || port > 65535) throw new Error(`PORT is no port: ${process.env["PORT"]}`);
  const site = readSite(directory);
  const server = createServer({ requestTimeout: REQUEST_MS, keepAliveTimeout: 620_000 }, (request, response) => {
    const { status, headers, body } = answer(site, {
      method: request.method ?? "GET",
      target: request.url ?? "/",
      acceptEncoding: request.headers["accept-encoding"]?.toString() ?? "",
      ifNoneMatch: request.headers["if-none-match"] ?? "",
    });
    response.writeHead(status, headers);
    response.end(body);
  });
  server.on("error", (error) => {
    process.stderr.write(`netra-frontend: ${error.message}\n`);
    process.exitCode = 1;
  });
  server.listen(port, host, () => {
    process.stdout.write(`${JSON.stringify({ event: "serving", host, port, files: site.size })}\n`);
  });
  for (const signal of ["SIGTERM", "SIGINT"] as const) {
    process.once(signal, () => {
      server.close();
      server.closeIdleConnections();
      setTimeout(() => server.closeAllConnections(), DRAIN_MS).unref();
    });
  }
}
