// More threads than a connection may subscribe to: they take turns, and none is left out.

import { describe, expect, it } from "vitest";

import { Followers } from "./followers.ts";
import { resolveOptions } from "./options.ts";
import { Slots, SWAP_MS, TURN_MS } from "./slots.ts";
import { Subscriptions, type SubscriptionChannel } from "./subscriptions.ts";
import type { Initialized } from "./wire.ts";

const LIMIT = 2;

/** A server that allows `LIMIT` subscriptions, and a clock that only `later` moves. */
class Server implements SubscriptionChannel {
  readonly isOpen = true;
  readonly subscribed = new Set<string>();
  readonly ever = new Set<string>();
  most = 0;
  readonly #due: { at: number; action: () => void }[] = [];
  #now = 0;

  call(method: string, params: object, onResult?: (result: unknown) => void): Promise<unknown> {
    const { threadId } = params as { threadId: string };
    if (method === "thread.unsubscribe") this.subscribed.delete(threadId);
    else {
      this.subscribed.add(threadId);
      this.ever.add(threadId);
    }
    this.most = Math.max(this.most, this.subscribed.size);
    onResult?.({ threadId, epoch: "e", offset: 0, recovered: true, reason: null, activeRunId: null });
    return Promise.resolve({});
  }

  later(ms: number, action: () => void): void {
    this.#due.push({ at: this.#now + ms, action });
  }

  /** Runs what is due next. */
  step(): void {
    this.#due.sort((one, other) => one.at - other.at);
    const next = this.#due.shift();
    if (next === undefined) return;
    this.#now = next.at;
    next.action();
  }
}

describe("Slots", () => {
  it("gives another thread the place of the least recently used one, at most once in a while", () => {
    const slots = new Slots();
    slots.limit = LIMIT;
    slots.take("a", 0);
    slots.take("b", 0);
    expect(slots.free).toBe(0);
    expect(slots.victim(TURN_MS - 1)).toBeNull(); // each keeps its turn
    slots.use("a", TURN_MS);
    expect(slots.victim(TURN_MS)).toBe("b");
    expect(slots.victim(TURN_MS + SWAP_MS - 1)).toBeNull();
    slots.release("b");
    expect([slots.has("a"), slots.has("b"), slots.free]).toEqual([true, false, 1]);
  });

  it("learns a lower limit from a refusal, and keeps one place at least", () => {
    const slots = new Slots();
    slots.refused();
    expect(slots.limit).toBe(1);
  });
});

describe("Subscriptions beyond the limit", () => {
  it("serves every thread in turn and never exceeds the limit", async () => {
    const followers = new Followers();
    const threads = ["a", "b", "c", "d", "e"];
    for (const threadId of threads) followers.add(threadId, { onEvent: () => undefined, onReset: () => undefined });
    const server = new Server();
    const options = resolveOptions({ origin: "http://x", tokens: { token: () => Promise.reject(new Error("unused")) } });
    const subscriptions = new Subscriptions(options, followers, server);
    const initialized = { limits: { maxFrameBytes: 1, maxSubscriptions: LIMIT }, subscriptions: [] } as unknown as Initialized;
    subscriptions.initialized(initialized);
    subscriptions.addMissing([]);
    expect(server.ever.size).toBe(LIMIT);
    await expect.poll(() => {
      server.step();
      return server.ever.size;
    }, { timeout: 20_000, interval: 20 }).toBe(threads.length);
    expect(server.most).toBe(LIMIT);
  });
});
