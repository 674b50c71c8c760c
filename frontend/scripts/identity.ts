// What identifies a build: a digest of everything that it is made from.

import { createHash } from "node:crypto";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join, relative } from "node:path";

export const ROOT = join(import.meta.dirname, "..");

const INPUTS = ["package-lock.json", "package.json", "next.config.ts", "tsconfig.json", "src", "public", "scripts", "server"];
const IGNORED = /\.(test|spec)\.tsx?$|(^|\/)(dist|node_modules)(\/|$)/;

export interface BuildIdentity {
  /** SHA-256 over the sources, hexadecimal. */
  readonly digest: string;
  readonly version: string;
}

export function buildIdentity(root: string = ROOT): BuildIdentity {
  const hash = createHash("sha256");
  for (const file of INPUTS.flatMap((input) => filesBelow(root, join(root, input))).sort()) {
    hash.update(relative(root, file)).update("\0").update(readFileSync(file)).update("\0");
  }
  const manifest = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as { version: string };
  return { digest: hash.digest("hex"), version: manifest.version };
}

function filesBelow(root: string, path: string): string[] {
  const found = statSync(path, { throwIfNoEntry: false });
  if (found === undefined || IGNORED.test(relative(root, path))) return [];
  if (found.isFile()) return [path];
  return readdirSync(path).flatMap((name) => filesBelow(root, join(path, name)));
}
