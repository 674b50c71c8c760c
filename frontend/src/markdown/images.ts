// Images in answers, fetched by the backend: the page itself connects to its own origin only.

import { createContext } from "react";

import { NetraError } from "../netra-client/errors";
import { requestBlobAs } from "../netra-client/http";
import type { TokenSource } from "../netra-client/tokens";

/** An image costs a third more than its size while it is kept; 20 of 5 MiB are the most. */
const MAX_KEPT = 20;
/** The backend's own deadline is 10 s. */
const IMAGE_MS = 15_000;

/** Loads images; the same address once for the page. */
export class Images {
  readonly #fetch: (url: string) => Promise<Blob>;
  readonly #kept = new Map<string, Promise<string>>();

  constructor(fetchImage: (url: string) => Promise<Blob>) {
    this.#fetch = fetchImage;
  }

  /** Whether the image at `url` was asked for and is kept. */
  has(url: string): boolean {
    return this.#kept.has(url);
  }

  /**
   * Returns the image at `url` as a `data:` address, which the policy of the page allows.
   *
   * @throws NetraError the code of the proxy, `connection_lost`, or `deadline_passed`
   */
  load(url: string): Promise<string> {
    const kept = this.#kept.get(url);
    if (kept !== undefined) return kept;
    const loading = this.#fetch(url).then(dataAddress);
    this.#kept.set(url, loading);
    loading.catch(() => this.#kept.delete(url)); // the next try is a new one
    const [oldest] = this.#kept.keys();
    if (this.#kept.size > MAX_KEPT && oldest !== undefined) this.#kept.delete(oldest);
    return loading;
  }
}

/** Null where images are not loaded: they are links there. */
export const ImagesContext = createContext<Images | null>(null);

export function imagesOf(origin: string, tokens: TokenSource): Images {
  return new Images((url) => requestBlobAs(tokens, `${origin}/api/images`, { method: "POST", body: { url }, withinMs: IMAGE_MS }));
}

async function dataAddress(image: Blob): Promise<string> {
  if (!image.type.startsWith("image/")) throw new NetraError("image_unsuitable", "The address contains no image.", { retry: "never" });
  const bytes = new Uint8Array(await image.arrayBuffer());
  const parts: string[] = [];
  for (let start = 0; start < bytes.length; start += CHUNK) parts.push(String.fromCharCode(...bytes.subarray(start, start + CHUNK)));
  return `data:${image.type};base64,${btoa(parts.join(""))}`;
}

/** Arguments of one call; engines accept at least 65,536. */
const CHUNK = 32_768;
