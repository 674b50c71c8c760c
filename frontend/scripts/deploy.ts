// `npm run deploy:staging [-- --invalidate-cache]`: runs the deploy tool of the project.

import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";

import { ROOT } from "./identity.ts";

const EXIT_ABSENT = 3;
const project = join(ROOT, "..");
const tool = join(project, "scripts", "deploy_to_gcp.py");
const python = join(project, ".venv", "bin", "python");

if (!existsSync(tool)) {
  stop("scripts/deploy_to_gcp.py does not exist in this checkout", "update the checkout");
} else if (!existsSync(python)) {
  stop("the project's Python environment does not exist", "run ./netra check once");
} else {
  const args = ["--build-local", "--service", "frontend", ...process.argv.slice(2)];
  process.exitCode = spawnSync(python, [tool, ...args], { stdio: "inherit", cwd: project }).status ?? 1;
}

function stop(problem: string, remedy: string): void {
  process.stderr.write(`netra: ${problem}\n  -> ${remedy}\n`);
  process.exitCode = EXIT_ABSENT;
}
