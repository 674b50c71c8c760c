// What is answered to a request, as a value.

import { COMMON_HEADERS } from "./policy.ts";
import { NOT_FOUND_PATH, type Asset, type Coding, type Site } from "./site.ts";

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

export interface Question {
  readonly method: string;
  /** Path and query, as sent. */
  readonly target: string;
  readonly acceptEncoding: string;
  readonly ifNoneMatch: string;
}

const EMPTY = Buffer.alloc(0);
const THREAD = /^\/threads\/([0-9a-fA-F-]{1,64})\/?$/;

/** Returns the answer to `question`; never throws. */
export function answer(site: Site, question: Question): Answer {
  if (question.method !== "GET" && question.method !== "HEAD") {
    return plain(405, { allow: "GET, HEAD" });
  }
  const path = question.target.split(/[?#]/, 1)[0] ?? "/";
  const thread = THREAD.exec(path)?.[1];
  if (thread !== undefined) return plain(307, { location: `/?thread=${thread}` });
  const asset = site.get(path);
  if (asset !== undefined) return found(asset, 200, question);
  const page = path.length > 1 && path.endsWith("/") ? path.replace(/\/+$/, "") : path.replace(/\.html$/, "");
  if (page !== path && site.has(page)) return plain(308, { location: page });
  const missing = site.get(NOT_FOUND_PATH);
  return missing === undefined ? plain(404, {}) : found(missing, 404, question);
}

function found(asset: Asset, status: number, question: Question): Answer {
  const headers: Record<string, string> = {
    ...COMMON_HEADERS,
    "content-type": asset.type,
    "cache-control": status === 200 ? asset.cacheControl : "no-store",
    etag: asset.etag,
    vary: "accept-encoding",
  };
  if (asset.policy !== null) headers["content-security-policy"] = asset.policy;
  if (status === 200 && matches(question.ifNoneMatch, asset.etag)) return { status: 304, headers, body: EMPTY };
  const coding = chooseCoding(question.acceptEncoding, asset);
  const body = asset.bodies[coding] ?? asset.bodies.identity;
  if (coding !== "identity") headers["content-encoding"] = coding;
  headers["content-length"] = String(body.length);
  return { status, headers, body: question.method === "HEAD" ? EMPTY : body };
}

/** Returns the best coding that the client takes (RFC 9110 section 12.5.3). */
export function chooseCoding(accepted: string, asset: Asset): Coding {
  const quality = new Map<string, number>();
  for (const part of accepted.toLowerCase().split(",")) {
    const [name, ...parameters] = part.split(";").map((one) => one.trim());
    const q = parameters.find((one) => one.startsWith("q="));
    if (name) quality.set(name, q === undefined ? 1 : Number(q.slice(2)) || 0);
  }
  for (const coding of ["br", "gzip"] as const) {
    if (asset.bodies[coding] !== undefined && (quality.get(coding) ?? quality.get("*") ?? 0) > 0) return coding;
  }
  return "identity";
}

/** Whether `If-None-Match` names `etag`; weak comparison (RFC 9110 section 13.1.2). */
function matches(ifNoneMatch: string, etag: string): boolean {
  return ifNoneMatch.split(",").some((one) => one.trim() === "*" || one.trim().replace(/^W\//, "") === etag);
}

function plain(status: number, headers: Record<string, string>): Answer {
  return {
    status,
    headers: { ...COMMON_HEADERS, "cache-control": "no-store", "content-length": "0", ...headers },
    body: EMPTY,
  };
}
