// The built site, read once into memory: two megabytes, and no path from a request to the disk.

import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { extname, join, relative, sep } from "node:path";

import { contentSecurityPolicy } from "./policy.ts";

export interface Asset {
  readonly type: string;
  readonly etag: string;
  readonly cacheControl: string;
  /** Only for pages. */
  readonly policy: string | null;
  /** By content coding; `identity` always exists. */
  readonly bodies: Readonly<Partial<Record<Coding, Buffer>>> & { readonly identity: Buffer };
}

export type Coding = "br" | "gzip" | "identity";

/** By URL path, e.g. `/`, `/ops`, `/_next/static/chunks/x.js`. */
export type Site = ReadonlyMap<string, Asset>;

export const NOT_FOUND_PATH = "/404";

const TYPES: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".json": "application/json",
  ".svg": "image/svg+xml",
  ".txt": "text/plain; charset=utf-8",
  ".webmanifest": "application/manifest+json",
  ".png": "image/png",
  ".ico": "image/x-icon",
};
const HASHED = "/_next/static/"; // the name changes with the content
const COMPRESSED = new Set([".br", ".gz"]);

/**
 * Reads the site below `directory`.
 *
 * @throws Error when there is no page in it
 */
export function readSite(directory: string): Site {
  const site = new Map<string, Asset>();
  for (const entry of readdirSync(directory, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile() || COMPRESSED.has(extname(entry.name))) continue;
    const file = join(entry.parentPath, entry.name);
    site.set(urlPath(relative(directory, file).split(sep).join("/")), readAsset(file));
  }
  if (!site.has("/") || !site.has(NOT_FOUND_PATH)) {
    throw new Error(`${directory} holds no built site; run: npm run build`);
  }
  return site;
}

function urlPath(name: string): string {
  if (!name.endsWith(".html")) return `/${name}`;
  return name === "index.html" ? "/" : `/${name.slice(0, -".html".length)}`;
}

function readAsset(file: string): Asset {
  const identity = readFileSync(file);
  const br = readIfThere(`${file}.br`);
  const gzip = readIfThere(`${file}.gz`);
  const isPage = file.endsWith(".html");
  const isHashed = file.split(sep).join("/").includes(HASHED);
  return {
    type: TYPES[extname(file)] ?? "application/octet-stream",
    etag: `"${createHash("sha256").update(identity).digest("base64url").slice(0, 22)}"`,
    cacheControl: isHashed ? "public, max-age=31536000, immutable" : "no-cache",
    policy: isPage ? contentSecurityPolicy(identity.toString("utf8")) : null,
    bodies: { identity, ...(br ? { br } : {}), ...(gzip ? { gzip } : {}) },
  };
}

function readIfThere(file: string): Buffer | null {
  return existsSync(file) ? readFileSync(file) : null;
}
