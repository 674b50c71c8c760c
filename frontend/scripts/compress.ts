// Compresses once, at build time, as well as it can be done; the server only picks.

import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";

const TEXT = /\.(html|js|css|json|svg|txt|webmanifest)$/;
const WORTH_IT_BYTES = 512; // below, headers weigh more than what is saved

export interface Sizes {
  plain: number;
  brotli: number;
}

/** Writes `.br` and `.gz` beside every text file below `directory`; returns the sums in bytes. */
export function compressTree(directory: string): Sizes {
  const sizes: Sizes = { plain: 0, brotli: 0 };
  for (const entry of readdirSync(directory, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile() || !TEXT.test(entry.name)) continue;
    const one = compressFile(join(entry.parentPath, entry.name), constants.BROTLI_MAX_QUALITY);
    sizes.plain += one.plain;
    sizes.brotli += one.brotli;
  }
  return sizes;
}

/** Writes `.br` and `.gz` beside a text file that is worth it; returns its sizes in bytes. */
export function compressFile(path: string, brotliQuality: number): Sizes {
  const body = readFileSync(path);
  if (!TEXT.test(path) || body.length < WORTH_IT_BYTES) return { plain: body.length, brotli: body.length };
  const brotli = brotliCompressSync(body, {
    params: {
      [constants.BROTLI_PARAM_MODE]: constants.BROTLI_MODE_TEXT,
      [constants.BROTLI_PARAM_QUALITY]: brotliQuality,
      [constants.BROTLI_PARAM_SIZE_HINT]: body.length,
    },
  });
  writeFileSync(`${path}.br`, brotli);
  writeFileSync(`${path}.gz`, gzipSync(body, { level: 9 }));
  return { plain: body.length, brotli: brotli.length };
}
