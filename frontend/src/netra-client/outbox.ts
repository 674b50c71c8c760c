import type { NetraClient, RunOrder } from "./client.ts";
import { asNetraError, type NetraError } from "./errors.ts";
import { wellFormed } from "./text.ts";
import type { Threads } from "./threads.ts";

/** A message that the person has sent and the server has not acknowledged yet. */
export interface OutboxEntry extends RunOrder {
  /** Unix ms. */
  readonly sentAt: number;
  /** The thread may not exist yet; creating it is idempotent. */
  readonly createThread: boolean;
  readonly state: "sending" | "waiting-for-run" | "refused";
  readonly failure?: { readonly code: string; readonly message: string };
}

/** Keeps entries beyond the page's life, for all pages of a person; `localStorage` fits. Must not throw. */
export interface OutboxStorage {
  read(): string | null;
  write(text: string): void;
}

// More would not be a conversation, and the storage of a page is small.
const MAX_ENTRIES = 50;
const RETRY_MS = 2_000;

/**
 * Sends each message exactly once, in order within its thread, across lost sockets and reloads:
 * entries outlive the page, and the server executes a command id once. A message that is refused for
 * good is set aside with the reason, and does not block those behind it.
 */
export class Outbox {
  readonly #client: NetraClient;
  readonly #threads: Threads;
  readonly #storage: OutboxStorage;
  readonly #listeners = new Set<() => void>();
  readonly #busy = new Set<string>();
  /** When to try again what waits for a thread's run. */
  readonly #timers = new Map<string, ReturnType<typeof setTimeout>>();
  /** Everything that this box has ever held: what else is in the storage belongs to other pages. */
  readonly #held = new Set<string>();
  #entries: readonly OutboxEntry[];
  #closed = false;

  constructor(client: NetraClient, threads: Threads, storage: OutboxStorage) {
    this.#client = client;
    this.#threads = threads;
    this.#storage = storage;
    this.#entries = parseEntries(storage.read());
    for (const entry of this.#entries) this.#held.add(entry.commandId);
    for (const threadId of new Set(this.#entries.map((entry) => entry.threadId))) void this.#drain(threadId);
  }

  /** A new array after every change. */
  get entries(): readonly OutboxEntry[] {
    return this.#entries;
  }

  watch(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Takes a message; from here on it is not lost. Returns false when the box is full. */
  send(order: RunOrder, createThread: boolean): boolean {
    if (this.#entries.length >= MAX_ENTRIES) return false;
    const message = { ...order.message, content: wellFormed(order.message.content) };
    this.#replace([...this.#entries, { ...order, message, createThread, sentAt: Date.now(), state: "sending" }]);
    void this.#drain(order.threadId);
    return true;
  }

  /** Tries a refused message again. */
  retry(commandId: string): void {
    const entry = this.#entries.find((one) => one.commandId === commandId);
    if (entry === undefined) return;
    this.#update(commandId, { state: "sending" });
    void this.#drain(entry.threadId);
  }

  /** Sends a message that waits for the current answer now, which ends that answer. */
  interruptWith(commandId: string): void {
    const entry = this.#entries.find((one) => one.commandId === commandId);
    if (entry === undefined) return;
    this.#update(commandId, { state: "sending", onBusy: "interrupt" });
    void this.#drain(entry.threadId);
  }

  /** Removes a message that was refused or still waits. */
  discard(commandId: string): void {
    this.#replace(this.#entries.filter((entry) => entry.commandId !== commandId));
  }

  /** Notes that a thread's run has ended. */
  runEnded(threadId: string): void {
    void this.#drain(threadId, true);
  }

  close(): void {
    this.#closed = true;
    for (const timer of this.#timers.values()) clearTimeout(timer);
    this.#timers.clear();
  }

  /** Sends what can be sent; `ended`: the first one need not wait for a run any more. */
  async #drain(threadId: string, ended = false): Promise<void> {
    if (this.#busy.has(threadId)) return;
    this.#busy.add(threadId);
    try {
      for (let mayGo = ended; ; mayGo = false) {
        const entry = this.#entries.find((one) => one.threadId === threadId && one.state !== "refused");
        if (this.#closed || entry === undefined || (entry.state !== "sending" && !mayGo)) return;
        await this.#sendOne(entry);
      }
    } finally {
      this.#busy.delete(threadId);
    }
  }

  async #sendOne(entry: OutboxEntry): Promise<void> {
    try {
      if (entry.createThread) await this.#threads.create(entry.threadId);
      await this.#client.startRun(orderOf(entry));
      this.discard(entry.commandId);
    } catch (reason) {
      const error = asNetraError(reason);
      if (this.#closed || error.code === "closed" || error.code === "signed_out") {
        this.#closed = true; // kept for the next page
      } else if (error.code === "run_busy") {
        this.#await(entry, Math.max(RETRY_MS, error.retryAfterMs ?? 0));
      } else if (error.retry === "backoff" || error.retry === "now") {
        await new Promise((resolve) => setTimeout(resolve, Math.max(RETRY_MS, error.retryAfterMs ?? 0)));
      } else {
        this.#refuse(entry, error);
      }
    }
  }

  #await({ commandId, threadId, onBusy }: OutboxEntry, ms: number): void {
    const now = this.#entries.find((one) => one.commandId === commandId);
    if (now === undefined || now.onBusy !== onBusy) return; // removed, or set to interrupt meanwhile
    if (now.state !== "waiting-for-run") this.#update(commandId, { state: "waiting-for-run" });
    // The run's end may have been announced before the refusal arrived.
    clearTimeout(this.#timers.get(threadId));
    this.#timers.set(threadId, setTimeout(() => this.runEnded(threadId), ms));
  }

  #refuse(entry: OutboxEntry, error: NetraError): void {
    this.#update(entry.commandId, { state: "refused", failure: { code: error.code, message: error.message } });
  }

  #update(commandId: string, change: Partial<OutboxEntry>): void {
    this.#replace(this.#entries.map((one) => (one.commandId === commandId ? { ...one, ...change } : one)));
  }

  #replace(entries: readonly OutboxEntry[]): void {
    this.#entries = entries;
    for (const entry of entries) this.#held.add(entry.commandId);
    const others = parseEntries(this.#storage.read()).filter((one) => !this.#held.has(one.commandId));
    this.#storage.write(JSON.stringify([...others, ...entries]));
    for (const listener of [...this.#listeners]) listener();
  }
}

function orderOf({ threadId, commandId, message, onBusy, parentId, regenerate }: OutboxEntry): RunOrder {
  return {
    threadId, commandId, message, ...(onBusy ? { onBusy } : {}),
    ...(parentId === undefined ? {} : { parentId }), ...(regenerate ? { regenerate } : {}),
  };
}

function parseEntries(text: string | null): readonly OutboxEntry[] {
  if (text === null) return [];
  try {
    const entries: unknown = JSON.parse(text);
    if (!Array.isArray(entries)) return [];
    return (entries as OutboxEntry[])
      .filter((entry) => typeof entry.commandId === "string" && typeof entry.message.content === "string")
      .map((entry) => (entry.state === "refused" ? entry : { ...entry, state: "sending" as const }));
  } catch {
    return []; // written by another version, or by hand: not ours to guess at
  }
}
