// Hashed files of earlier releases stay for 7 days: tabs that were opened before load them later.

import { copyFileSync, existsSync, mkdirSync, readFileSync, statSync } from "node:fs";
import { dirname, join } from "node:path";

import { compressFile } from "./compress.ts";
import { describe, MANIFEST, readManifest, writeManifest, type HashedFile } from "./manifest.ts";

export const KEPT_MS = 7 * 86_400_000;
// The server holds the site in memory, with both compressed forms; a release has 2 MiB.
export const MAX_KEPT_BYTES = 32 * 1024 * 1024;
// Names below the folder of hashed files; no segment starts with a dot.
const PATH = /^_next\/static(\/[A-Za-z0-9_~@()[\]-][A-Za-z0-9._~@()[\]-]*)+$/;
// Few tabs ask for them: a sixtieth of the time for a tenth more bytes.
const BROTLI_QUALITY = 5;

export interface Merged {
  readonly kept: number;
  readonly bytes: number;
}

/**
 * Copies what `earlier` holds of earlier releases into `site`, and names it in its manifest.
 *
 * A file of the present release is never replaced. Too old ones are left out, and the oldest ones
 * beyond the bound.
 *
 * @throws Error when a name leads outside the hashed files, or a file is not what the manifest says
 */
export function mergeEarlier(site: string, earlier: string, now: number): Merged {
  if (!existsSync(join(earlier, MANIFEST))) return { kept: 0, bytes: 0 };
  const present = readManifest(site);
  const offered = readManifest(earlier);
  const names = new Set(present.files.map((file) => file.path));
  const young = offered.files
    .filter((file) => !names.has(file.path) && age(file, now) < KEPT_MS)
    .sort((one, other) => age(one, now) - age(other, now));
  const kept: HashedFile[] = [];
  let bytes = 0;
  for (const file of young) {
    verify(earlier, file);
    if (bytes + file.bytes > MAX_KEPT_BYTES) break;
    const target = join(site, file.path);
    mkdirSync(dirname(target), { recursive: true });
    copyFileSync(join(earlier, file.path), target);
    compressFile(target, BROTLI_QUALITY);
    bytes += file.bytes;
    kept.push(file);
  }
  writeManifest(site, { ...present, kept: offered.kept, files: [...present.files, ...kept] });
  return { kept: kept.length, bytes };
}

function age(file: HashedFile, now: number): number {
  const last = Date.parse(file.lastReleased ?? "");
  return Number.isNaN(last) ? Number.POSITIVE_INFINITY : now - last;
}

function verify(earlier: string, file: HashedFile): void {
  if (!PATH.test(file.path)) throw new Error(`${JSON.stringify(file.path)} names no hashed file`);
  const source = join(earlier, file.path);
  if (!statSync(source, { throwIfNoEntry: false })?.isFile()) throw new Error(`${file.path} is absent`);
  const seen = describe(file.path, readFileSync(source));
  if (seen.bytes !== file.bytes || seen.sha256 !== file.sha256) {
    throw new Error(`${file.path} is not the file that the manifest describes`);
  }
}
