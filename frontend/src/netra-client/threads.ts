import type { Interrupt, Message } from "@ag-ui/core";

import { requestAs, requestTextAs } from "./http.ts";
import type { TokenSource } from "./tokens.ts";

/** A conversation. Times are ISO 8601. */
export interface Thread {
  readonly id: string;
  readonly title: string | null;
  readonly createdAt: string;
  readonly updatedAt: string;
  readonly deletedAt: string | null;
  readonly activeRunId: string | null;
}

/** The messages with the same parent, one for each branch. `index` starts at 0. */
export interface Siblings {
  readonly index: number;
  readonly count: number;
  readonly previous: string | null;
  readonly next: string | null;
}

/** An AG-UI message as it is stored. */
export type StoredMessage = Message & {
  readonly runId: string | null;
  readonly createdAt: string;
  /** The message before it in its branch. Absent, as `siblings`, from servers without branches. */
  readonly parentId?: string | null;
  readonly siblings?: Siblings | null;
};

/** AG-UI's account of tokens. */
export interface TokenUsage {
  readonly model?: string;
  readonly inputTokens?: number;
  readonly outputTokens?: number;
  readonly totalTokens?: number;
}

/** What the owner decided about one interrupt. `dismissed`: a new message was sent in place of an answer. */
export interface Decision {
  readonly interruptId: string;
  readonly toolCallId: string | null;
  readonly outcome: "approved" | "declined" | "dismissed";
  readonly reason: string | null;
  readonly editedArgs: Readonly<Record<string, unknown>> | null;
  readonly decidedAt: string;
}

export interface Run {
  readonly id: string;
  readonly threadId: string;
  readonly messageId: string;
  /** The paused run that this one continues. */
  readonly parentRunId?: string | null;
  readonly status: "running" | "completed" | "cancelled" | "interrupted" | "failed";
  readonly errorCode: string | null;
  readonly model: string;
  readonly usage: readonly TokenUsage[] | null;
  readonly traceId: string | null;
  /** What a person has to answer before the run continues. */
  readonly interrupts?: readonly Interrupt[] | null;
  /** Why the model stopped; null unless the run completed. */
  readonly finishReason?: "stop" | "length" | "content_filter" | null;
  /** The record of the interrupts that were answered; null without any. Absent from older servers. */
  readonly decisions?: readonly Decision[] | null;
  /** Start and end in Unix ms of tool calls and thoughts, by id. Absent from older servers. */
  readonly stepTimes?: Readonly<Record<string, readonly [number | null, number | null]>> | null;
  readonly createdAt: string;
  readonly finishedAt: string | null;
}

export interface Page<T> {
  readonly items: readonly T[];
  readonly nextCursor: string | null;
}

/** A long thread is sent in many parts. */
const EXPORT_MS = 120_000;

/** Threads, messages and runs over REST (`/api/threads`). Every call rejects with NetraError. */
export class Threads {
  readonly #base: string;
  readonly #tokens: TokenSource;

  constructor(origin: string, tokens: TokenSource) {
    this.#base = new URL("/api/threads", origin).href;
    this.#tokens = tokens;
  }

  list(options: { query?: string; cursor?: string; limit?: number; signal?: AbortSignal } = {}): Promise<Page<Thread>> {
    const { signal, ...rest } = options;
    const search = new URLSearchParams({ limit: String(rest.limit ?? 50) });
    if (rest.query) search.set("q", rest.query);
    if (rest.cursor) search.set("cursor", rest.cursor);
    return this.#ask(`?${search}`, signal ? { signal } : {}) as Promise<Page<Thread>>;
  }

  /** Creates a thread; repeating it with the same id changes nothing. */
  create(id: string): Promise<Thread> {
    return this.#ask("", { method: "POST", body: { id } }) as Promise<Thread>;
  }

  get(id: string): Promise<Thread> {
    return this.#ask(`/${id}`) as Promise<Thread>;
  }

  rename(id: string, title: string): Promise<Thread> {
    return this.#ask(`/${id}`, { method: "PATCH", body: { title } }) as Promise<Thread>;
  }

  async remove(id: string): Promise<void> {
    await this.#ask(`/${id}`, { method: "DELETE" });
  }

  restore(id: string): Promise<Thread> {
    return this.#ask(`/${id}/restore`, { method: "POST" }) as Promise<Thread>;
  }

  /** Makes the newest branch through a message the active one, in every tab and device. */
  async activateBranch(id: string, messageId: string): Promise<void> {
    await this.#ask(`/${id}/branch`, { method: "PUT", body: { messageId } });
  }

  /** Deletes a message that has siblings, with everything behind it. */
  async removeBranch(id: string, messageId: string): Promise<void> {
    await this.#ask(`/${id}/messages/${messageId}`, { method: "DELETE" });
  }

  /** Returns the messages of the active branch, newest first. */
  messages(id: string, options: { cursor?: string; limit?: number } = {}): Promise<Page<StoredMessage>> {
    const search = new URLSearchParams({ order: "desc", limit: String(options.limit ?? 100) });
    if (options.cursor) search.set("cursor", options.cursor);
    return this.#ask(`/${id}/messages?${search}`) as Promise<Page<StoredMessage>>;
  }

  /** Returns runs, newest first. */
  runs(id: string, options: { cursor?: string; limit?: number } = {}): Promise<Page<Run>> {
    const search = new URLSearchParams({ limit: String(options.limit ?? 100) });
    if (options.cursor) search.set("cursor", options.cursor);
    return this.#ask(`/${id}/runs?${search}`) as Promise<Page<Run>>;
  }

  /** Returns a thread as a document: JSON with every branch, or Markdown with the active one. */
  export(id: string, format: "json" | "markdown"): Promise<string> {
    return requestTextAs(this.#tokens, `${this.#base}/${id}/export?format=${format}`, { withinMs: EXPORT_MS });
  }

  #ask(path: string, request: Parameters<typeof requestAs>[2] = {}): Promise<unknown> {
    return requestAs(this.#tokens, this.#base + path, request);
  }
}
