// The list of threads: loaded page by page, searched, kept fresh, changed with undo.

import type { NetraClient } from "../netra-client/client";
import { asNetraError, type NetraError } from "../netra-client/errors";
import type { Thread, Threads } from "../netra-client/threads";

export interface ListView {
  readonly status: "loading" | "ready" | "failed";
  readonly failure: NetraError | null;
  readonly threads: readonly Thread[];
  readonly query: string;
  readonly hasMore: boolean;
  /** Threads with an answer that nobody has looked at. */
  readonly unread: ReadonlySet<string>;
  /** Threads in which an agent is at work. */
  readonly running: ReadonlySet<string>;
}

const PAGE = 50;
// Followed live for their marks; well below the connection's limit of subscriptions.
const WATCHED = 20;
const REFRESH_MS = 60_000;
const SEARCH_MS = 180;
const RECHECK_MS = 1_000;

export class ThreadList {
  readonly #threads: Threads;
  readonly #client: NetraClient;
  readonly #seenKey: string;
  readonly #listeners = new Set<() => void>();
  readonly #watching = new Map<string, () => void>();
  /** What the stream said last, for the threads that are watched. */
  readonly #running = new Map<string, boolean>();
  #seen: Record<string, string>;
  #view: ListView = {
    status: "loading", failure: null, threads: [], query: "", hasMore: false, unread: new Set(), running: new Set(),
  };
  #openId: string | null = null;
  #cursor: string | null = null;
  #search: AbortController | null = null;
  #timer: ReturnType<typeof setInterval> | undefined;
  #typing: ReturnType<typeof setTimeout> | undefined;
  #recheck: ReturnType<typeof setTimeout> | undefined;

  constructor(threads: Threads, client: NetraClient, accountId: string) {
    this.#threads = threads;
    this.#client = client;
    this.#seenKey = `netra.seen.${accountId}`;
    this.#seen = readSeen(this.#seenKey);
  }

  readonly getSnapshot = (): ListView => this.#view;

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  open(): () => void {
    void this.refresh();
    const refresh = (): void => {
      if (document.visibilityState === "visible") void this.refresh();
    };
    this.#timer = setInterval(refresh, REFRESH_MS);
    document.addEventListener("visibilitychange", refresh);
    return () => {
      clearInterval(this.#timer);
      clearTimeout(this.#typing);
      clearTimeout(this.#recheck);
      document.removeEventListener("visibilitychange", refresh);
      this.#search?.abort();
      for (const stop of this.#watching.values()) stop();
      this.#watching.clear();
    };
  }

  /** Tells which thread is being read. */
  show(threadId: string | null): void {
    this.#openId = threadId;
    if (threadId !== null) this.#markSeen(threadId);
  }

  search(query: string): void {
    this.#publish({ query });
    clearTimeout(this.#typing);
    this.#typing = setTimeout(() => void this.refresh(), SEARCH_MS);
  }

  /** Loads the first page anew. */
  async refresh(): Promise<void> {
    this.#search?.abort();
    const search = (this.#search = new AbortController());
    try {
      const page = await this.#threads.list({ query: this.#view.query.trim(), limit: PAGE, signal: search.signal });
      if (search.signal.aborted) return;
      this.#cursor = page.nextCursor;
      this.#take(page.items);
      this.#publish({ status: "ready", failure: null, hasMore: page.nextCursor !== null });
    } catch (reason) {
      if (search.signal.aborted) return;
      const failure = asNetraError(reason);
      this.#publish({ failure, status: this.#view.threads.length > 0 ? "ready" : "failed" });
    }
  }

  async more(): Promise<void> {
    if (this.#cursor === null) return;
    const cursor = this.#cursor;
    this.#cursor = null;
    const page = await this.#threads.list({ query: this.#view.query.trim(), limit: PAGE, cursor });
    this.#cursor = page.nextCursor;
    const known = new Set(this.#view.threads.map((thread) => thread.id));
    this.#take([...this.#view.threads, ...page.items.filter((thread) => !known.has(thread.id))]);
    this.#publish({ hasMore: page.nextCursor !== null });
  }

  /** Renames at once, and takes it back when the server refuses. */
  async rename(id: string, title: string): Promise<void> {
    const before = this.#view.threads;
    this.#publish({ threads: before.map((one) => (one.id === id ? { ...one, title } : one)) });
    try {
      await this.#threads.rename(id, title);
    } catch (reason) {
      this.#publish({ threads: before });
      throw reason;
    }
  }

  async remove(id: string): Promise<void> {
    const before = this.#view.threads;
    this.#publish({ threads: before.filter((one) => one.id !== id) });
    try {
      await this.#threads.remove(id);
    } catch (reason) {
      this.#publish({ threads: before });
      throw reason;
    }
  }

  async restore(id: string): Promise<void> {
    await this.#threads.restore(id);
    await this.refresh();
  }

  #take(threads: readonly Thread[]): void {
    // The stream tells at once; a thread that was just answered may still be held in the database.
    const isRunning = (one: Thread): boolean => this.#running.get(one.id) ?? one.activeRunId !== null;
    const running = new Set(threads.filter(isRunning).map((one) => one.id));
    const first = Object.keys(this.#seen).length === 0;
    for (const thread of threads) {
      // On a new device everything counts as read, else the list would be nothing but marks.
      if (first || thread.id === this.#openId) this.#seen[thread.id] = thread.updatedAt;
    }
    const unread = threads.filter((one) => (this.#seen[one.id] ?? "") < one.updatedAt).map((one) => one.id);
    this.#store();
    this.#publish({ threads, running, unread: new Set(unread) });
    this.#watch(threads.slice(0, WATCHED).map((one) => one.id));
  }

  #watch(ids: readonly string[]): void {
    for (const [id, stop] of this.#watching) {
      if (ids.includes(id)) continue;
      stop();
      this.#watching.delete(id);
      this.#running.delete(id);
    }
    for (const id of ids) {
      if (this.#watching.has(id)) continue;
      this.#watching.set(
        id,
        this.#client.follow(id, {
          onEvent: ({ event }) => {
            if (event.type === "RUN_STARTED") this.#mark(id, true, false);
            else if (event.type === "RUN_FINISHED" || event.type === "RUN_ERROR") this.#mark(id, false, true);
          },
          onReset: ({ activeRunId }) => this.#begin(id, activeRunId),
        }),
      );
    }
  }

  /** A subscription begins; a run that it names may be over in the stream, so ask again soon. */
  #begin(id: string, activeRunId: string | null): void {
    if (activeRunId === null) {
      this.#mark(id, false, false);
      return;
    }
    this.#running.delete(id);
    clearTimeout(this.#recheck);
    this.#recheck = setTimeout(() => void this.refresh(), RECHECK_MS);
  }

  #mark(id: string, isRunning: boolean, ended: boolean): void {
    this.#running.set(id, isRunning);
    const running = new Set(this.#view.running);
    if (isRunning) running.add(id);
    else running.delete(id);
    const unread = new Set(this.#view.unread);
    if (ended && id !== this.#openId) unread.add(id);
    this.#publish({ running, unread });
    if (ended && id === this.#openId) this.#markSeen(id);
    if (ended) void this.refresh(); // a title may have been found meanwhile
  }

  #markSeen(id: string): void {
    this.#seen[id] = new Date().toISOString();
    this.#store();
    if (!this.#view.unread.has(id)) return;
    const unread = new Set(this.#view.unread);
    unread.delete(id);
    this.#publish({ unread });
  }

  #store(): void {
    localStorage.setItem(this.#seenKey, JSON.stringify(this.#seen));
  }

  #publish(change: Partial<ListView>): void {
    this.#view = { ...this.#view, ...change };
    for (const listener of [...this.#listeners]) listener();
  }
}

function readSeen(key: string): Record<string, string> {
  try {
    return JSON.parse(localStorage.getItem(key) ?? "{}") as Record<string, string>;
  } catch {
    return {};
  }
}
