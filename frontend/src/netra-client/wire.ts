import type { BaseEvent } from "@ag-ui/core";

import { NetraError, type RpcErrorBody } from "./errors.ts";
import { toJson } from "./text.ts";

/** An event of a thread's stream that a reader has. */
export interface Position {
  readonly epoch: string;
  readonly offset: number;
}

/** Answer of `thread.subscribe`. */
export interface Subscribed extends Position {
  readonly threadId: string;
  readonly recovered: boolean;
  readonly reason: string | null;
  readonly activeRunId: string | null;
}

/** One item of `initialize`'s answer: a subscription, or why it was refused. */
export type SubscriptionAnswer = Subscribed | { readonly threadId: string; readonly error: RpcErrorBody };

/** Answer of `initialize`. */
export interface Initialized {
  readonly protocolVersion: number;
  readonly connectionId: string;
  readonly instanceId: string;
  readonly revision: string | null;
  readonly user: { readonly id: string; readonly roles: readonly string[] };
  /** Unix time in seconds. */
  readonly tokenExpiresAt: number;
  readonly limits: {
    readonly maxFrameBytes: number;
    readonly commandsPerSecond: number;
    readonly maxSubscriptions: number;
    readonly maxSocketAgeSeconds: number;
  };
  readonly subscriptions: readonly SubscriptionAnswer[];
}

/** `thread.event`: an AG-UI event in the envelope that carries the order. */
export interface ThreadEvent extends Position {
  readonly threadId: string;
  readonly runId: string;
  readonly event: BaseEvent & Record<string, unknown>;
}

/** Answer of `run.start`. */
export interface StartedRun {
  readonly runId: string;
  readonly threadId: string;
  readonly messageId: string;
}

export type Frame =
  | { readonly kind: "result"; readonly id: number; readonly result: unknown }
  | { readonly kind: "error"; readonly id: number | null; readonly error: RpcErrorBody }
  | { readonly kind: "notification"; readonly method: string; readonly params: Record<string, unknown> };

/** Returns a JSON-RPC 2.0 request as text, all of it well-formed: a server refuses half a character. */
export function encodeRequest(id: number, method: string, params: object): string {
  return toJson({ jsonrpc: "2.0", id, method, params });
}

/** Returns what a text frame holds; rejects what breaks JSON-RPC 2.0 with `protocol_violation`. */
export function decodeFrame(text: unknown): Frame {
  let frame: unknown;
  try {
    frame = typeof text === "string" ? JSON.parse(text) : null;
  } catch {
    frame = null;
  }
  if (isObject(frame)) {
    if (typeof frame["method"] === "string") {
      const params = isObject(frame["params"]) ? frame["params"] : {};
      return { kind: "notification", method: frame["method"], params };
    }
    const id = typeof frame["id"] === "number" ? frame["id"] : null;
    if (isObject(frame["error"])) {
      return { kind: "error", id, error: frame["error"] as unknown as RpcErrorBody };
    }
    if (id !== null && "result" in frame) return { kind: "result", id, result: frame["result"] };
  }
  throw new NetraError("protocol_violation", "The server sent a frame that is no JSON-RPC 2.0.", {
    retry: "backoff",
  });
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
