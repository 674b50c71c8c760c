// `npm run build [-- --no-cache]`: the static site in out/, compressed, with its identity.

import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { compressTree } from "./compress.ts";
import { buildIdentity, ROOT } from "./identity.ts";
import { hashedFiles, writeManifest } from "./manifest.ts";

const USAGE = `usage: npm run build [-- --no-cache]

  --no-cache   delete what earlier builds left (.next, out) first

Writes out/; out/version.json says what was built, out/chunks.json of which hashed files.`;

const args = process.argv.slice(2);
const unknown = args.filter((arg) => !["--no-cache", "--help", "-h"].includes(arg));
if (args.includes("--help") || args.includes("-h")) {
  process.stdout.write(`${USAGE}\n`);
} else if (unknown.length > 0) {
  process.stderr.write(`netra: unknown argument ${unknown[0]}\n${USAGE}\n`);
  process.exitCode = 2;
} else {
  process.exitCode = build(args.includes("--no-cache"));
}

function build(withoutCache: boolean): number {
  const since = performance.now();
  const next = join(ROOT, "node_modules", "next", "dist", "bin", "next");
  if (!existsSync(next)) {
    process.stderr.write("netra: the frontend's packages are not installed\n  -> run: npm ci\n");
    return 3;
  }
  // What a former build left must never be mistaken for this one's result; a failure puts it back.
  const out = join(ROOT, "out");
  const former = join(ROOT, ".out-previous");
  rmSync(former, { recursive: true, force: true });
  if (existsSync(out)) renameSync(out, former);
  if (withoutCache) rmSync(join(ROOT, ".next"), { recursive: true, force: true });
  const built = spawnSync(process.execPath, [next, "build"], {
    cwd: ROOT,
    stdio: "inherit",
    env: { ...process.env, NEXT_TELEMETRY_DISABLED: "1" },
  });
  if (built.status !== 0) {
    rmSync(out, { recursive: true, force: true });
    if (existsSync(former)) renameSync(former, out);
    return built.status ?? 1;
  }
  writeFileSync(join(out, "version.json"), `${JSON.stringify(describe())}\n`);
  writeManifest(out, { digest: buildIdentity().digest, kept: "", files: hashedFiles(out) });
  const sizes = compressTree(out);
  rmSync(former, { recursive: true, force: true });
  const seconds = ((performance.now() - since) / 1000).toFixed(1);
  process.stdout.write(`built out/ in ${seconds} s: ${kib(sizes.plain)} KiB, ${kib(sizes.brotli)} KiB as brotli\n`);
  return 0;
}

/** Returns `/version.json`: the page compares it with itself, the deploy tool with the backend. */
function describe(): Record<string, unknown> {
  const identity = buildIdentity();
  const handshake = readFileSync(join(ROOT, "src", "netra-client", "handshake.ts"), "utf8");
  const mark = /PROTOCOL_MARK = "(netra-ws-protocol\/(\d+))"/.exec(handshake);
  if (mark === null) throw new Error("handshake.ts names no protocol mark");
  return { name: "netra-frontend", ...identity, protocolVersion: Number(mark[2]), protocolMark: mark[1] };
}

function kib(bytes: number): string {
  return (bytes / 1024).toFixed(0);
}
