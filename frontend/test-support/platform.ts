// Starts a real platform for the tests, unless NETRA_URL names one that runs.

import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { existsSync } from "node:fs";
import { join } from "node:path";
import type { TestProject } from "vitest/node";

declare module "vitest" {
  export interface ProvidedContext {
    netraUrl: string;
  }
}

export default async function setup(project: TestProject): Promise<(() => Promise<void>) | undefined> {
  const running = process.env["NETRA_URL"];
  if (running) {
    project.provide("netraUrl", running);
    return undefined;
  }
  const root = join(import.meta.dirname, "..", "..");
  const python = join(root, ".venv", "bin", "python");
  if (!existsSync(python)) throw new Error("the tests need the platform: run ./netra check once, or set NETRA_URL");
  const child = spawn(python, ["-m", "test_framework.platform"], { cwd: root, stdio: ["pipe", "pipe", "inherit"] });
  const line = await new Promise<string>((resolve, reject) => {
    createInterface({ input: child.stdout }).once("line", resolve);
    child.once("exit", (status) => reject(new Error(`the platform ended with status ${status}`)));
  });
  project.provide("netraUrl", (JSON.parse(line) as { url: string }).url);
  return async () => {
    const ended = new Promise((resolve) => child.once("exit", resolve));
    child.stdin.end();
    await ended;
  };
}
