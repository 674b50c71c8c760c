import { Cursor } from "./cursor.ts";
import { rpcFailure, type NetraError } from "./errors.ts";
import { RunHead } from "./run-head.ts";
import type { Position, Subscribed, SubscriptionAnswer, ThreadEvent } from "./wire.ts";

/** Receives everything that happens in a thread, in order, without a gap or a duplicate. */
export interface ThreadListener {
  onEvent(event: ThreadEvent): void;
  /**
   * Nothing before this moment can be taken for granted: load the messages over REST and drop what
   * is held of an unfinished run. If `activeRunId` is set, its events follow from RUN_STARTED on;
   * if its first events are no longer kept, another reset follows when it has ended.
   */
  onReset(reset: { readonly reason: string; readonly activeRunId: string | null }): void;
  /** Events follow from the listener's position; nothing was missed. */
  onResumed?(activeRunId: string | null): void;
  /** The server refuses the thread; nothing follows. */
  onRefused?(error: NetraError): void;
}

interface Follower {
  readonly cursor: Cursor;
  readonly listener: ThreadListener;
  readonly head: RunHead;
}

/** Who follows which thread, and what has to be asked of the server because of it. */
export class Followers {
  readonly #threads = new Map<string, Set<Follower>>();

  /** Adds a listener; returns what removes it (true when the thread has no listener left). */
  add(threadId: string, listener: ThreadListener): () => boolean {
    const follower: Follower = { cursor: new Cursor(), listener, head: new RunHead() };
    const followers = this.#threads.get(threadId) ?? new Set();
    followers.add(follower);
    this.#threads.set(threadId, followers);
    return () => {
      followers.delete(follower);
      if (followers.size > 0 || this.#threads.get(threadId) !== followers) return false;
      this.#threads.delete(threadId);
      return true;
    };
  }

  has(threadId: string): boolean {
    return this.#threads.has(threadId);
  }

  get threadIds(): string[] {
    return [...this.#threads.keys()];
  }

  /** Returns the parameters of `thread.subscribe`. */
  request(threadId: string): { threadId: string; position?: Position } {
    const positions = [...(this.#threads.get(threadId) ?? [])].map((one) => one.cursor.wanted);
    const [first] = positions;
    if (first == null) return { threadId };
    let lowest = first;
    for (const position of positions) {
      // Positions of different histories have no order: all start again.
      if (position === null || position.epoch !== first.epoch) return { threadId };
      if (position.offset < lowest.offset) lowest = position;
    }
    return { threadId, position: lowest };
  }

  /** Hands a subscription's answer to the thread's listeners. */
  answered(answer: SubscriptionAnswer): void {
    const followers = [...(this.#threads.get(answer.threadId) ?? [])];
    for (const { cursor, listener, head } of followers) {
      if ("error" in answer) {
        cursor.detach();
        listener.onRefused?.(rpcFailure(answer.error));
        continue;
      }
      const reason = cursor.subscribed(forCursor(answer, cursor));
      if (reason === null) listener.onResumed?.(answer.activeRunId);
      else {
        head.expect(answer.activeRunId);
        listener.onReset({ reason, activeRunId: answer.activeRunId });
      }
    }
  }

  /** Passes an event on; returns true when the thread must be subscribed again to fill a gap. */
  deliver(event: ThreadEvent): boolean {
    let gap = false;
    for (const { cursor, listener, head } of [...(this.#threads.get(event.threadId) ?? [])]) {
      const verdict = cursor.offer(event.epoch, event.offset);
      if (verdict === "gap") gap = true;
      if (verdict !== "deliver") continue;
      cursor.delivered(event.epoch, event.offset);
      const showing = head.judge(event);
      if (showing === "show") listener.onEvent(event);
      else if (showing === "reload") listener.onReset({ reason: "trimmed", activeRunId: null });
    }
    return gap;
  }

  /** Notes that the connection is gone. */
  detachAll(): void {
    for (const followers of this.#threads.values()) {
      for (const { cursor } of followers) cursor.detach();
    }
  }
}

/**
 * A subscription without a position starts again for the new listener; a listener that is in the
 * same history at or behind its start has missed nothing.
 */
function forCursor(answer: Subscribed, cursor: Cursor): Subscribed {
  const position = cursor.wanted;
  if (answer.recovered || position === null || position.epoch !== answer.epoch) return answer;
  return position.offset >= answer.offset ? { ...answer, recovered: true } : answer;
}
