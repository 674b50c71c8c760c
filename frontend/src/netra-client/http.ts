import type { RetryClass } from "./codes.generated.ts";
import { asNetraError, NetraError } from "./errors.ts";
import { toJson } from "./text.ts";
import type { TokenSource } from "./tokens.ts";

/** Sends JSON over HTTP and turns problem documents (RFC 9457) into errors. */
export interface HttpRequest {
  readonly method?: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  readonly body?: unknown;
  readonly bearer?: string;
  readonly withinMs?: number;
  /** Finish even when the page is closed meanwhile. */
  readonly keepalive?: boolean;
  readonly signal?: AbortSignal;
}

export const HTTP_MS = 15_000;

interface Problem {
  readonly code?: string;
  readonly title?: string;
  readonly detail?: string;
  readonly retry?: RetryClass;
  readonly field?: string;
  /** Of `validation_failed`: what is wrong with each field. */
  readonly errors?: readonly { readonly field: string; readonly problem: string }[];
}

/**
 * Returns the JSON of the answer, undefined when it has none.
 *
 * @throws NetraError the problem's code, `connection_lost`, or `deadline_passed`
 */
export async function requestJson(url: string, request: HttpRequest = {}): Promise<unknown> {
  return parse(await exchange(url, request, asText));
}

const asText = (response: Response): Promise<string> => response.text();

async function exchange<T>(url: string, request: HttpRequest, read: (response: Response) => Promise<T>): Promise<T> {
  const deadline = AbortSignal.timeout(request.withinMs ?? HTTP_MS);
  const signal = request.signal ? AbortSignal.any([request.signal, deadline]) : deadline;
  const headers: Record<string, string> = { Accept: "application/json" };
  if (request.body !== undefined) headers["Content-Type"] = "application/json";
  if (request.bearer !== undefined) headers["Authorization"] = `Bearer ${request.bearer}`;
  let response: Response;
  let text: string;
  try {
    response = await fetch(url, {
      method: request.method ?? "GET",
      headers,
      signal,
      credentials: "same-origin",
      cache: "no-store",
      keepalive: request.keepalive ?? false,
      ...(request.body === undefined ? {} : { body: toJson(request.body) }),
    });
    if (response.ok) return await read(response);
    text = await response.text();
  } catch (reason) {
    if (request.signal?.aborted) throw new NetraError("aborted", "The request was withdrawn.", { retry: "never" });
    const late = deadline.aborted;
    throw new NetraError(
      late ? "deadline_passed" : "connection_lost",
      late ? "The server did not answer in time." : `The server cannot be reached: ${asNetraError(reason).message}`,
      { retry: "backoff" },
    );
  }
  const body = parse(text);
  const problem = (typeof body === "object" && body !== null ? body : {}) as Problem;
  const retryAfter = Number(response.headers.get("retry-after"));
  const wrong = problem.errors?.[0];
  const message = wrong?.problem ?? problem.detail ?? problem.title ?? `Status ${response.status}.`;
  throw new NetraError(problem.code ?? "http_error", message, {
    retry: problem.retry ?? (response.status >= 500 ? "backoff" : "never"),
    status: response.status,
    ...fieldIn(wrong?.field ?? problem.field),
    ...(retryAfter > 0 ? { retryAfterMs: retryAfter * 1000 } : {}),
  });
}

function fieldIn(field: string | undefined): { field?: string } {
  return field ? { field } : {};
}

function parse(text: string): unknown {
  if (text === "") return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // a proxy's page: only the status is known
  }
}

/** Returns the text of the answer, unparsed; like `requestJson` otherwise. */
export async function requestText(url: string, request: HttpRequest = {}): Promise<string> {
  return exchange(url, request, asText);
}

/** Like `requestJson`, as the owner of `tokens`; a refused token is replaced once. */
export function requestAs(tokens: TokenSource, url: string, request: HttpRequest = {}): Promise<unknown> {
  return asOwner(tokens, (bearer) => requestJson(url, { ...request, bearer }));
}

/** Like `requestText`, as the owner of `tokens`. */
export function requestTextAs(tokens: TokenSource, url: string, request: HttpRequest = {}): Promise<string> {
  return asOwner(tokens, (bearer) => requestText(url, { ...request, bearer }));
}

/** Like `requestAs` for an answer that is no text, such as an image. */
export function requestBlobAs(tokens: TokenSource, url: string, request: HttpRequest = {}): Promise<Blob> {
  return asOwner(tokens, (bearer) => exchange(url, { ...request, bearer }, (response) => response.blob()));
}

async function asOwner<T>(tokens: TokenSource, send: (bearer: string) => Promise<T>): Promise<T> {
  const first = await tokens.token();
  try {
    return await send(first.value);
  } catch (reason) {
    if (!(reason instanceof NetraError) || reason.retry !== "after-refresh") throw reason;
    const second = await tokens.token(first.value);
    return send(second.value);
  }
}
