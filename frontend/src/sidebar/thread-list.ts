// The list of threads: loaded page by page, searched, kept fresh, changed with undo.

import type { NetraClient } from "../netra-client/client";
import type { Page, Thread, Threads } from "../netra-client/threads";
import { Seen } from "./seen";

export interface ListView {
  readonly status: "loading" | "ready" | "failed";
  readonly threads: readonly Thread[];
  readonly query: string;
  readonly hasMore: boolean;
  /** The thread that is being read, whether or not the list shows it; null until it is known. */
  readonly open: Thread | null;
  /** Threads with an answer that was not opened yet. */
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
  readonly #seen: Seen;
  readonly #listeners = new Set<() => void>();
  readonly #watching = new Map<string, () => void>();
  /** The latest state from the stream, for the threads that are watched. */
  readonly #running = new Map<string, boolean>();
  /** Deleted here; a page that was in flight must not show them again. */
  readonly #removed = new Set<string>();
  #view: ListView = {
    status: "loading", threads: [], query: "", hasMore: false, open: null, unread: new Set(), running: new Set(),
  };
  #openId: string | null = null;
  /** The cursor of the next page; null at the end. */
  #cursor: string | null = null;
  #listedQuery = "";
  #loadingMore = false;
  #search: AbortController | null = null;
  #timer: ReturnType<typeof setInterval> | undefined;
  #typing: ReturnType<typeof setTimeout> | undefined;
  #recheck: ReturnType<typeof setTimeout> | undefined;

  constructor(threads: Threads, client: NetraClient, accountId: string) {
    this.#threads = threads;
    this.#client = client;
    this.#seen = new Seen(accountId);
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
    const merge = (event: StorageEvent): void => {
      if (event.key !== this.#seen.key) return;
      this.#seen.merge();
      this.#publish({ unread: this.#seen.unreadOf(this.#view.threads) });
    };
    window.addEventListener("storage", merge); // read in another tab
    return () => {
      clearInterval(this.#timer);
      clearTimeout(this.#typing);
      clearTimeout(this.#recheck);
      document.removeEventListener("visibilitychange", refresh);
      window.removeEventListener("storage", merge);
      this.#search?.abort();
      for (const stop of this.#watching.values()) stop();
      this.#watching.clear();
    };
  }

  /** Notes which thread is open. */
  show(threadId: string | null): void {
    this.#openId = threadId;
    this.#publish({ open: this.#view.threads.find((one) => one.id === threadId) ?? null });
    if (threadId === null) return;
    this.#markSeen(threadId);
    if (this.#view.open === null && this.#view.status !== "loading") void this.#find(threadId);
  }

  search(query: string): void {
    this.#publish({ query });
    clearTimeout(this.#typing);
    this.#typing = setTimeout(() => void this.refresh(), SEARCH_MS);
  }

  /** Loads the first page again; later pages stay. */
  async refresh(): Promise<void> {
    this.#search?.abort();
    const search = (this.#search = new AbortController());
    const query = this.#view.query.trim();
    try {
      const page = await this.#threads.list({ query, limit: PAGE, signal: search.signal });
      if (search.signal.aborted) return;
      const older = query === this.#listedQuery ? olderThan(page, this.#view.threads) : [];
      if (older.length === 0) this.#cursor = page.nextCursor;
      this.#listedQuery = query;
      this.#take([...page.items, ...older]);
      this.#publish({ status: "ready" });
    } catch {
      if (search.signal.aborted) return;
      this.#publish({ status: this.#view.threads.length > 0 ? "ready" : "failed" });
    }
  }

  async more(): Promise<void> {
    const cursor = this.#cursor;
    const query = this.#listedQuery;
    if (cursor === null || this.#loadingMore) return;
    this.#loadingMore = true;
    try {
      const page = await this.#threads.list({ query, limit: PAGE, cursor });
      if (query !== this.#listedQuery) return; // another search is shown meanwhile
      this.#cursor = page.nextCursor;
      const known = new Set(this.#view.threads.map((thread) => thread.id));
      this.#take([...this.#view.threads, ...page.items.filter((thread) => !known.has(thread.id))]);
    } finally {
      this.#loadingMore = false;
    }
  }

  /** Renames immediately, and reverts when the server refuses. */
  async rename(id: string, title: string): Promise<void> {
    const before = this.#view.threads.find((one) => one.id === id)?.title ?? null;
    this.#entitle(id, title);
    try {
      await this.#threads.rename(id, title);
    } catch (reason) {
      this.#entitle(id, before);
      throw reason;
    }
  }

  async remove(id: string): Promise<void> {
    this.#removed.add(id);
    this.#publish({ threads: this.#view.threads.filter((one) => one.id !== id) });
    try {
      await this.#threads.remove(id);
    } catch (reason) {
      this.#removed.delete(id);
      void this.refresh();
      throw reason;
    }
  }

  /** Returns a thread as Markdown, with the record of its approvals. */
  export(id: string): Promise<string> {
    return this.#threads.export(id, "markdown");
  }

  async restore(id: string): Promise<void> {
    await this.#threads.restore(id);
    this.#removed.delete(id);
    await this.refresh();
  }

  #entitle(id: string, title: string | null): void {
    const { threads, open } = this.#view;
    this.#publish({
      threads: threads.map((one) => (one.id === id ? { ...one, title } : one)),
      open: open?.id === id ? { ...open, title } : open,
    });
  }

  /** Loads the open thread when the list does not contain it. */
  async #find(id: string): Promise<void> {
    try {
      const open = await this.#threads.get(id);
      if (this.#openId === id && this.#view.open === null) this.#publish({ open });
    } catch {
      // The pane shows what is wrong with the thread.
    }
  }

  #take(listed: readonly Thread[]): void {
    const threads = listed.filter((one) => !this.#removed.has(one.id));
    // The stream is newer: the database may still hold a run that has just ended.
    const isRunning = (one: Thread): boolean => this.#running.get(one.id) ?? one.activeRunId !== null;
    const running = new Set(threads.filter(isRunning).map((one) => one.id));
    this.#seen.startFrom(threads[0]?.updatedAt ?? "");
    const open = threads.find((one) => one.id === this.#openId);
    if (open !== undefined) this.#seen.note(open.id, open.updatedAt);
    this.#seen.save();
    this.#publish({
      threads, running, unread: this.#seen.unreadOf(threads), open: open ?? this.#view.open, hasMore: this.#cursor !== null,
    });
    if (this.#openId !== null && this.#view.open === null) void this.#find(this.#openId);
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
          onReset: ({ activeRunId }) => this.#subscribed(id, activeRunId),
        }),
      );
    }
  }

  /** A subscription started; the run that it names may have ended in the stream, so refresh soon. */
  #subscribed(id: string, activeRunId: string | null): void {
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
    // This machine's clock may be behind the server's.
    const updatedAt = this.#view.threads.find((one) => one.id === id)?.updatedAt ?? "";
    this.#seen.note(id, updatedAt);
    this.#seen.note(id, new Date().toISOString());
    this.#seen.save();
    if (!this.#view.unread.has(id)) return;
    const unread = new Set(this.#view.unread);
    unread.delete(id);
    this.#publish({ unread });
  }

  #publish(change: Partial<ListView>): void {
    this.#view = { ...this.#view, ...change };
    for (const listener of [...this.#listeners]) listener();
  }
}

function olderThan(page: Page<Thread>, threads: readonly Thread[]): readonly Thread[] {
  const last = page.items.at(-1);
  if (last === undefined || page.nextCursor === null) return [];
  const listed = new Set(page.items.map((one) => one.id));
  return threads.filter((one) => !listed.has(one.id) && one.updatedAt <= last.updatedAt);
}
