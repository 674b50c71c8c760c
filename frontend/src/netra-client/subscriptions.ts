import { asNetraError, rpcFailure } from "./errors.ts";
import type { Followers } from "./followers.ts";
import type { ResolvedOptions } from "./options.ts";
import { backoffMs } from "./retry.ts";
import { Slots, SWAP_MS } from "./slots.ts";
import type { Initialized, SubscriptionAnswer, ThreadEvent } from "./wire.ts";

/** What the subscriptions need of the connection that they are on. */
export interface SubscriptionChannel {
  readonly isOpen: boolean;
  call(method: string, params: object, onResult?: (result: unknown) => void): Promise<unknown>;
  later(ms: number, action: () => void): void;
}

/** Makes the server send what is followed, on one connection; beyond its limit threads take turns. */
export class Subscriptions {
  readonly #options: ResolvedOptions;
  readonly #followers: Followers;
  readonly #channel: SubscriptionChannel;
  readonly #slots = new Slots();
  /** Threads without a subscription, longest wait first. */
  readonly #waiting = new Set<string>();
  #turnPlanned = false;

  constructor(options: ResolvedOptions, followers: Followers, channel: SubscriptionChannel) {
    this.#options = options;
    this.#followers = followers;
    this.#channel = channel;
  }

  /** Returns the subscriptions that `initialize` asks for. */
  first(): object[] {
    return this.#followers.threadIds.slice(0, this.#slots.limit).map((id) => this.#followers.request(id));
  }

  /** Takes the answer of `initialize`, before any event. */
  initialized({ limits, subscriptions }: Initialized): void {
    this.#slots.limit = Math.max(1, limits.maxSubscriptions);
    for (const answer of subscriptions) {
      if (mayPass(answer)) continue;
      if (!("error" in answer)) this.#slots.take(answer.threadId, Date.now());
      this.#answered(answer);
    }
  }

  /** Asks for what is followed and was not asked for yet. */
  addMissing(answered: Initialized["subscriptions"]): void {
    for (const threadId of this.#followers.threadIds) {
      if (!answered.some((one) => one.threadId === threadId && !mayPass(one))) this.add(threadId);
    }
  }

  deliver(event: ThreadEvent): void {
    this.#slots.use(event.threadId, Date.now());
    if (this.#followers.deliver(event)) this.add(event.threadId);
  }

  add(threadId: string, failures = 0): void {
    if (!this.#slots.has(threadId)) {
      if (this.#slots.free === 0) {
        this.#wait(threadId);
        return;
      }
      this.#slots.take(threadId, Date.now());
    }
    this.#waiting.delete(threadId);
    this.#channel
      .call("thread.subscribe", this.#followers.request(threadId), (result) => {
        this.#followers.answered(result as SubscriptionAnswer);
      })
      .catch((reason: unknown) => {
        const error = asNetraError(reason);
        if (!this.#followers.has(threadId) || !this.#channel.isOpen) return;
        if (error.retry === "never") {
          this.#slots.release(threadId);
          const data = { code: error.code, retry: error.retry };
          this.#answered({ threadId, error: { code: 0, message: error.message, data } });
          return;
        }
        const { random, policy } = this.#options;
        const pause = (error.retryAfterMs ?? 0) + backoffMs(failures + 1, random(), policy);
        this.#channel.later(pause, () => this.add(threadId, failures + 1));
      });
  }

  remove(threadId: string): void {
    this.#waiting.delete(threadId);
    if (this.#slots.has(threadId)) this.#leave(threadId);
  }

  #answered(answer: SubscriptionAnswer): void {
    if ("error" in answer && answer.error.data?.code === "too_many_subscriptions" && this.#slots.size > 0) {
      this.#slots.refused();
      this.#wait(answer.threadId);
      return;
    }
    this.#followers.answered(answer);
  }

  #wait(threadId: string): void {
    this.#waiting.add(threadId);
    this.#planTurn();
  }

  #planTurn(): void {
    if (this.#turnPlanned || this.#waiting.size === 0) return;
    this.#turnPlanned = true;
    this.#channel.later(SWAP_MS, () => {
      this.#turnPlanned = false;
      this.#turn();
    });
  }

  #turn(): void {
    const [next] = this.#waiting;
    if (next === undefined) return;
    if (!this.#followers.has(next)) this.#waiting.delete(next);
    else if (this.#slots.free > 0) this.add(next);
    else {
      const victim = this.#slots.victim(Date.now());
      if (victim !== null) this.#leave(victim);
    }
    this.#planTurn();
  }

  /** Ends a subscription; a lost answer does no harm: the next connection sends the whole list. */
  #leave(threadId: string): void {
    this.#channel
      .call("thread.unsubscribe", { threadId }, () => {
        // Events that arrived before the answer counted; afterwards none follow.
        this.#slots.release(threadId);
        if (this.#followers.has(threadId)) this.#waiting.add(threadId);
        const [next] = this.#waiting;
        if (next !== undefined && this.#followers.has(next)) this.add(next);
        this.#planTurn();
      })
      .catch(() => undefined);
  }
}

/** Whether a subscription was refused for a moment only; one beyond the limit waits for its turn. */
function mayPass(answer: SubscriptionAnswer): boolean {
  if (!("error" in answer) || answer.error.data?.code === "too_many_subscriptions") return false;
  return rpcFailure(answer.error).retry !== "never";
}
