/** A subscription is kept at least this long. */
export const TURN_MS = 500;
/** At most one swap in this time: two commands each, half of the default rate of 20 per second. */
export const SWAP_MS = 200;

/**
 * Which threads have one of the connection's subscriptions when more are followed than it may have.
 *
 * A server limits the subscriptions of a connection (`limits.maxSubscriptions`). One can be released
 * without loss, because it continues at its position: threads take turns, and the one that was used
 * least recently gives way.
 */
export class Slots {
  limit = 100; // until `initialize` says otherwise (SOCKETS__MAX_SUBSCRIPTIONS)
  readonly #held = new Map<string, { readonly since: number; used: number }>();
  #swappedAt = Number.NEGATIVE_INFINITY;

  has(threadId: string): boolean {
    return this.#held.has(threadId);
  }

  get size(): number {
    return this.#held.size;
  }

  get free(): number {
    return Math.max(0, this.limit - this.#held.size);
  }

  take(threadId: string, now: number): void {
    this.#held.set(threadId, { since: now, used: now });
  }

  /** Notes that an event of the thread arrived. */
  use(threadId: string, now: number): void {
    const held = this.#held.get(threadId);
    if (held !== undefined) held.used = now;
  }

  release(threadId: string): void {
    this.#held.delete(threadId);
  }

  /** Notes that the server refused one more: it allows as many as there are. */
  refused(): void {
    this.limit = Math.max(1, this.#held.size);
  }

  /** Returns the thread whose subscription another may have now; null: not yet. */
  victim(now: number): string | null {
    if (now - this.#swappedAt < SWAP_MS) return null;
    const due = [...this.#held].filter(([, { since }]) => now - since >= TURN_MS);
    due.sort(([, one], [, other]) => one.used - other.used);
    const [first] = due;
    if (first === undefined) return null;
    this.#swappedAt = now;
    return first[0];
  }
}
