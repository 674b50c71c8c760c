// `/chunks.json`: every hashed file that is served, so that the next release can keep it.
// netra_ops/deploy/build/chunk_manifest.py reads it.

import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, relative, sep } from "node:path";

export const MANIFEST = "chunks.json";
export const HASHED = "_next/static";
const COMPRESSED = /\.(br|gz)$/;

export interface HashedFile {
  /** Relative to the site, such as `_next/static/chunks/x.js`. */
  readonly path: string;
  readonly bytes: number;
  /** Hexadecimal. */
  readonly sha256: string;
  /** When a release last had it, ISO 8601; absent for files of this release. */
  readonly lastReleased?: string;
}

export interface Manifest {
  /** Of the sources, as in `version.json`. */
  readonly digest: string;
  /** Identifies the set of files kept from earlier releases; empty for none. */
  readonly kept: string;
  readonly files: readonly HashedFile[];
}

/** Returns the hashed files below `site`, in order of their paths. */
export function hashedFiles(site: string): HashedFile[] {
  const directory = join(site, HASHED);
  if (!existsSync(directory)) return [];
  return readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !COMPRESSED.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort()
    .map((file) => describe(relative(site, file).split(sep).join("/"), readFileSync(file)));
}

export function describe(path: string, body: Buffer): HashedFile {
  return { path, bytes: body.length, sha256: createHash("sha256").update(body).digest("hex") };
}

export function readManifest(directory: string): Manifest {
  return JSON.parse(readFileSync(join(directory, MANIFEST), "utf8")) as Manifest;
}

export function writeManifest(site: string, manifest: Manifest): void {
  writeFileSync(join(site, MANIFEST), `${JSON.stringify(manifest)}\n`);
}
