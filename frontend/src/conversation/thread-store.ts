// One open thread: its history, the live run, and the view of both, published once a frame.

import type { NetraClient } from "../netra-client/client";
import { asNetraError, type NetraError } from "../netra-client/errors";
import { backoffMs, DEFAULT_POLICY } from "../netra-client/retry";
import type { Run, StoredMessage, Threads } from "../netra-client/threads";
import type { ThreadEvent } from "../netra-client/wire";
import { applyEvent } from "./apply";
import { hasCall, itemsOf } from "./history";
import { emptyAnswer, type Answer, type Item, type Question } from "./model";

export interface ThreadView {
  /** `missing`: no such thread; `new`: not created yet; `failed`: the history cannot be loaded. */
  readonly status: "loading" | "ready" | "missing" | "new" | "failed";
  readonly failure: NetraError | null;
  readonly items: readonly Item[];
  readonly activeRunId: string | null;
  readonly hasOlder: boolean;
  readonly loadingOlder: boolean;
}

export interface Scheduler {
  /** Calls `action` before the next frame is drawn. */
  (action: () => void): void;
}

const PAGE = 200; // the most that the server returns in one page
const LOADING: ThreadView = {
  status: "loading", failure: null, items: [], activeRunId: null, hasOlder: false, loadingOlder: false,
};

export class ThreadStore {
  readonly threadId: string;
  readonly #client: NetraClient;
  readonly #threads: Threads;
  readonly #schedule: Scheduler;
  readonly #onRunEnd: (threadId: string) => void;
  readonly #listeners = new Set<() => void>();
  #view: ThreadView = LOADING;
  #items: Item[] = [];
  #live: Answer | null = null;
  #messages: StoredMessage[] = [];
  readonly #runs = new Map<string, Run>();
  #cursor: string | null = null;
  #runsCursor: string | null = null;
  #stop: (() => void) | null = null;
  #scheduled = false;
  #generation = 0;
  #ended: ReadonlySet<string> = new Set();
  /** How often in a row the history could not be loaded, and the next attempt. */
  #failures = 0;
  #again: ReturnType<typeof setTimeout> | undefined;
  /** This page started a branch; the history has its numbers when the run has ended. */
  #isForked = false;
  /** The run for which the branch of another page was loaded. */
  #joined: string | null = null;

  constructor(
    threadId: string,
    client: NetraClient,
    threads: Threads,
    options: { schedule: Scheduler; onRunEnd: (threadId: string) => void; isNew?: boolean },
  ) {
    this.threadId = threadId;
    this.#client = client;
    this.#threads = threads;
    this.#schedule = options.schedule;
    this.#onRunEnd = options.onRunEnd;
    if (options.isNew) this.#view = { ...LOADING, status: "new" };
  }

  readonly getSnapshot = (): ThreadView => this.#view;

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  /** Starts to follow; events that arrive before the history wait for it. */
  open(): void {
    if (this.#stop !== null) return;
    let ready: Promise<void> = Promise.resolve();
    this.#stop = this.#client.follow(this.threadId, {
      onEvent: (event) => void ready.then(() => this.#take(event)),
      onReset: ({ activeRunId }) => {
        ready = this.#reload(activeRunId);
      },
      onResumed: (activeRunId) => {
        if (this.#view.status === "failed") ready = this.#reload(activeRunId);
        else void ready.then(() => this.#publish({ activeRunId }));
      },
      onRefused: (error) => this.#publish({ status: error.code === "thread_not_found" ? "missing" : "failed", failure: error }),
    });
  }

  close(): void {
    this.#stop?.();
    this.#stop = null;
    clearTimeout(this.#again);
    this.#generation += 1;
  }

  /** Loads the messages before the oldest one. */
  async loadOlder(): Promise<void> {
    if (this.#cursor === null || this.#view.loadingOlder) return;
    const generation = this.#generation;
    this.#publish({ loadingOlder: true });
    try {
      const [page, runs] = await Promise.all([
        this.#threads.messages(this.threadId, { cursor: this.#cursor, limit: PAGE }),
        // Every run has a message or more: as many runs reach as far back.
        this.#runsCursor === null ? null : this.#threads.runs(this.threadId, { cursor: this.#runsCursor, limit: PAGE }),
      ]);
      if (generation !== this.#generation) return;
      for (const run of runs?.items ?? []) this.#runs.set(run.id, run);
      if (runs !== null) this.#runsCursor = runs.nextCursor;
      this.#messages = [...page.items.toReversed(), ...this.#messages];
      this.#cursor = page.nextCursor;
      this.#rebuild();
    } finally {
      this.#publish({ loadingOlder: false, hasOlder: this.#cursor !== null });
    }
  }

  /** Starts again: the events of an active run are repeated with the subscription. */
  retry(): void {
    this.#publish({ status: "loading", failure: null });
    this.#resubscribe();
  }

  /** Shows the thread up to a message: its other branch is on the way. */
  fork(messageId: string, keep: "with" | "before"): void {
    const place = this.#items.findIndex((item) => item.id === messageId);
    if (place < 0) return;
    this.#items = this.#items.slice(0, keep === "with" ? place + 1 : place);
    this.#isForked = true;
    this.#publish({});
  }

  /** Returns the parent of a question: null for the first one. A question sent from this page has it in the history. */
  async parentOf(question: Question): Promise<string | null> {
    if (question.parentId !== undefined) return question.parentId;
    const page = await this.#threads.messages(this.threadId, { limit: PAGE });
    return page.items.find((message) => message.id === question.id)?.parentId ?? null;
  }

  /** Shows the branch through a message; the server notifies the other tabs. */
  async activateBranch(messageId: string): Promise<void> {
    await this.#threads.activateBranch(this.threadId, messageId);
    await this.#reloadBranch(null);
  }

  async removeBranch(messageId: string): Promise<void> {
    await this.#threads.removeBranch(this.threadId, messageId);
    await this.#reloadBranch(null);
  }

  #resubscribe(): void {
    this.close();
    this.open();
  }

  /** Shows a question whose sending has been acknowledged, before the history has it. */
  addQuestion(question: Question): void {
    if (this.#items.some((item) => item.id === question.id)) return;
    this.#items.push(question);
    this.#publish(this.#view.status === "new" ? { status: "ready" } : {});
  }

  /** Loads a branch: what was watched may belong to the former one. */
  async #reloadBranch(activeRunId: string | null): Promise<void> {
    this.#watched.clear();
    await this.#reload(activeRunId);
  }

  async #reload(activeRunId: string | null): Promise<void> {
    const generation = (this.#generation += 1);
    this.#live = null;
    this.#isForked = false;
    try {
      // Runs before messages: a run that has ended here has its messages in what is asked next.
      const runs = await this.#threads.runs(this.threadId, { limit: PAGE });
      const page = await this.#threads.messages(this.threadId, { limit: PAGE });
      if (generation !== this.#generation) return;
      this.#ended = new Set(runs.items.filter((run) => run.status !== "running").map((run) => run.id));
      this.#messages = page.items.toReversed();
      this.#cursor = page.nextCursor;
      for (const run of runs.items) this.#runs.set(run.id, run);
      this.#runsCursor = runs.nextCursor;
      const active = activeRunId !== null && this.#ended.has(activeRunId) ? null : activeRunId;
      this.#rebuild(active);
      this.#failures = 0;
      this.#publish({ status: "ready", failure: null, activeRunId: active, hasOlder: this.#cursor !== null });
    } catch (reason) {
      if (generation !== this.#generation) return;
      const failure = asNetraError(reason);
      this.#publish({ status: failure.code === "thread_not_found" ? "missing" : "failed", failure });
      this.#retryLater(failure);
    }
  }

  /** An unavailable server is asked again, less and less often; the person can ask immediately. */
  #retryLater(failure: NetraError): void {
    if (failure.retry !== "backoff" || this.#stop === null) return;
    this.#failures += 1;
    const wait = (failure.retryAfterMs ?? 0) + backoffMs(this.#failures, Math.random(), DEFAULT_POLICY);
    this.#again = setTimeout(() => this.#resubscribe(), wait);
  }

  #rebuild(activeRunId: string | null = this.#view.activeRunId): void {
    const known = itemsOf(this.#messages, this.#runs);
    const stored = new Set(known.map((item) => item.id));
    // What was watched since the history was loaded is not in it yet.
    const since = this.#items.filter((item) => !stored.has(item.id) && this.#watched.has(item.id));
    this.#items = [...known, ...since];
    if (activeRunId !== null) {
      const place = this.#items.findIndex((item) => item.kind === "answer" && item.runId === activeRunId);
      // Its events follow from RUN_STARTED on, and build it again.
      if (place >= 0 && this.#live === null) this.#items.splice(place, 1);
    }
  }

  readonly #watched = new Set<string>();

  #take(envelope: ThreadEvent): void {
    const { event, runId } = envelope;
    if (event.type === "CUSTOM" && event["name"] === "netra.branch") {
      void this.#reloadBranch(this.#view.activeRunId);
      return;
    }
    // The history has it whole: the database ends a run before its last event is in the stream.
    if (this.#ended.has(runId)) return;
    if (event.type === "RUN_STARTED") {
      this.#live = emptyAnswer(runId, typeof event.timestamp === "number" ? event.timestamp : Date.now());
      this.#items = this.#items.filter((item) => item.id !== this.#live?.id);
      this.#items.push(this.#live);
      this.#watched.add(this.#live.id);
      void this.#findQuestion(runId);
      this.#publish({ activeRunId: runId, status: "ready" });
      return;
    }
    if (this.#live?.runId !== runId) {
      // The first events of the run are no longer kept: its messages are stored when it ends.
      if (event.type === "RUN_FINISHED" || event.type === "RUN_ERROR") void this.#reload(null);
      return;
    }
    if (event.type === "TOOL_CALL_RESULT" && this.#giveResult(event)) return;
    const next = applyEvent(this.#live, event, Date.now());
    if (next !== this.#live) {
      const place = this.#items.lastIndexOf(this.#live);
      this.#live = next;
      if (place >= 0) this.#items[place] = next;
    }
    if (event.type === "RUN_FINISHED" || event.type === "RUN_ERROR") {
      this.#live = null;
      this.#publish({ activeRunId: null });
      this.#onRunEnd(this.threadId);
      if (this.#isForked) void this.#reload(null); // the switcher needs the numbers of the branches
    } else {
      this.#publish({});
    }
  }

  /** The result of an approved call belongs to the answer that asked for approval. */
  #giveResult(event: ThreadEvent["event"]): boolean {
    const id = String(event["toolCallId"]);
    if (this.#live !== null && hasCall(this.#live, id)) return false;
    const place = this.#items.findLastIndex((item) => item.kind === "answer" && hasCall(item, id));
    const item = this.#items[place];
    if (item?.kind !== "answer") return false;
    this.#items[place] = applyEvent(item, event, Date.now());
    this.#publish({});
    return true;
  }

  /** Another tab may have sent the question, which the stream does not contain. */
  async #findQuestion(runId: string): Promise<void> {
    const generation = this.#generation;
    try {
      const [page, runs] = await Promise.all([
        this.#threads.messages(this.threadId, { limit: 10 }),
        this.#threads.runs(this.threadId, { limit: 5 }),
      ]);
      if (generation !== this.#generation) return;
      this.#takeDecisions(runs.items);
      const run = runs.items.find((one) => one.id === runId);
      const message = page.items.find((one) => one.id === run?.messageId);
      const [question] = message === undefined ? [] : itemsOf([message], new Map());
      if (question?.kind !== "question") return;
      if (run?.parentRunId == null && this.#isOtherBranch(question, runId)) {
        this.#joined = runId;
        this.#watched.clear();
        this.#resubscribe();
        return;
      }
      const known = this.#items.findIndex((item) => item.id === question.id);
      if (known >= 0) this.#items[known] = question; // as it is stored: with its parent
      const place = this.#items.findIndex((item) => item.kind === "answer" && item.runId === runId);
      if (place < 0 || known >= 0) return;
      this.#watched.add(question.id);
      this.#items.splice(place, 0, question);
      this.#publish({});
    } catch {
      // The question appears with the next reload.
    }
  }

  /** A run that starts has answered, or dismissed, what the run before it asked: in this tab or in another. */
  #takeDecisions(runs: readonly Run[]): void {
    for (const run of runs) {
      const place = run.decisions ? this.#items.findIndex((item) => item.kind === "answer" && item.runId === run.id) : -1;
      const item = this.#items[place];
      if (item?.kind !== "answer" || item.decisions.length > 0) continue;
      this.#runs.set(run.id, run);
      this.#items[place] = { ...item, decisions: run.decisions ?? [] };
      this.#publish({});
    }
  }

  /** Whether a run answers in a branch that is not shown: another tab edited or regenerated. */
  #isOtherBranch(question: Question, runId: string): boolean {
    if (this.#joined === runId || this.#isForked) return false;
    const place = this.#items.findIndex((item) => item.id === question.id);
    if (place < 0) return (question.siblings?.count ?? 1) > 1;
    return this.#items.slice(place + 1).some((item) => item.kind === "answer" && item.runId !== runId);
  }

  #publish(change: Partial<ThreadView>): void {
    this.#view = { ...this.#view, ...change };
    if (this.#scheduled) return;
    this.#scheduled = true;
    this.#schedule(() => {
      this.#scheduled = false;
      this.#view = { ...this.#view, items: [...this.#items] };
      for (const listener of [...this.#listeners]) listener();
    });
  }
}
