// A session against a hand-made server side, which refuses what the real one refuses under load.

import { describe, expect, it } from "vitest";

import type { Connection } from "./connection.ts";
import { Followers } from "./followers.ts";
import { LiveSession } from "./live-session.ts";
import { resolveOptions } from "./options.ts";

const THREAD = "6f1c6a1e-0000-4000-8000-000000000001";
const SUBSCRIBED = { threadId: THREAD, epoch: "e1", offset: 7, recovered: true, reason: null, activeRunId: null };

/** Returns the methods that were called and what the listener saw, for one refusal in `initialize`. */
async function resumedWith(retry: "backoff" | "never"): Promise<{ calls: string[]; seen: string[] }> {
  const calls: string[] = [];
  const seen: string[] = [];
  const followers = new Followers();
  followers.add(THREAD, {
    onEvent: () => seen.push("event"),
    onReset: () => seen.push("reset"),
    onResumed: () => seen.push("resumed"),
    onRefused: (error) => seen.push(`refused ${error.code}`),
  });
  const refusal = { code: -32009, message: "busy", data: { code: "database_unavailable", retry } };
  const initialized = { limits: { maxFrameBytes: 1 }, subscriptions: [{ threadId: THREAD, error: refusal }] };
  const connection = {
    isOpen: true,
    maxFrameBytes: 0,
    call: (method: string, _params: object, _within: number, onResult?: (result: unknown) => void) => {
      calls.push(method);
      onResult?.(method === "initialize" ? initialized : SUBSCRIBED);
      return Promise.resolve();
    },
  };
  const token = { value: "t", expiresAt: Date.now() + 900_000 };
  const tokens = { token: () => Promise.resolve(token) };
  const options = resolveOptions({ origin: "http://x", tokens });
  const session = new LiveSession(options, followers, token, () => undefined);
  await session.start(connection as unknown as Connection);
  session.stop();
  return { calls, seen };
}

describe("a subscription that is refused inside initialize", () => {
  it("is asked for again when the refusal may pass", async () => {
    expect(await resumedWith("backoff")).toEqual({
      calls: ["initialize", "thread.subscribe"],
      seen: ["reset"],
    });
  });

  it("ends when it will not pass", async () => {
    expect(await resumedWith("never")).toEqual({
      calls: ["initialize"],
      seen: ["refused database_unavailable"],
    });
  });
});
