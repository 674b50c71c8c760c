// A thread as two devices see it, on the real platform.

import { randomUUID } from "node:crypto";
import { afterEach, beforeEach, describe, expect, inject, it } from "vitest";

import { order, Person, socketOf } from "../../test-support/people";
import { Proxy } from "../../test-support/proxy";
import type { NetraClient } from "../netra-client/client";
import { answerText, type Answer, type Question } from "./model";
import { ThreadStore, type ThreadView } from "./thread-store";

const origin = inject("netraUrl");
let person: Person;
let client: NetraClient;
const closing: (() => void)[] = [];

beforeEach(async () => {
  person = await Person.register(origin);
  client = person.client();
  closing.push(() => client.close());
});
afterEach(() => {
  for (const close of closing.splice(0)) close();
});

function open(threadId: string, options: { by?: NetraClient; isNew?: boolean; onRunEnd?: (id: string) => void } = {}): ThreadStore {
  const store = new ThreadStore(threadId, options.by ?? client, person.threads, {
    schedule: queueMicrotask, onRunEnd: options.onRunEnd ?? (() => undefined), isNew: options.isNew ?? false,
  });
  store.open();
  closing.push(() => store.close());
  return store;
}

async function newThread(): Promise<string> {
  return (await person.threads.create(randomUUID())).id;
}

const until = (store: ThreadStore, condition: (view: ThreadView) => boolean) =>
  expect.poll(() => condition(store.getSnapshot()), { timeout: 20_000 }).toBe(true);
const isDone = (view: ThreadView): boolean => view.activeRunId === null && view.items.some((item) => item.kind === "answer");
const texts = (view: ThreadView): string[] => view.items.map((item) => (item.kind === "question" ? item.text : answerText(item).trim()));

async function ask(store: ThreadStore, content: string): Promise<string> {
  const command = order(store.threadId, content);
  const { runId } = await client.startRun(command);
  await until(store, (view) => view.activeRunId === null && view.items.some((item) => item.kind === "answer" && item.runId === runId && item.status !== "running"));
  return command.message.id;
}

describe("ThreadStore", () => {
  it("shows an empty thread as ready, an unknown one as missing", async () => {
    const store = open(await newThread());
    await until(store, (view) => view.status === "ready");
    expect(store.getSnapshot()).toMatchObject({ items: [], activeRunId: null, hasOlder: false });
    const unknown = open(randomUUID());
    await until(unknown, (view) => view.status === "missing");
  });

  it("shows the same items watched and loaded", async () => {
    const threadId = await newThread();
    const watched = open(threadId);
    await until(watched, (view) => view.status === "ready");
    await ask(watched, "tool=4413 words=3");
    await until(watched, (view) => view.items.length === 2);
    const loaded = open(threadId, { by: person.client() });
    await until(loaded, isDone);
    expect(texts(loaded.getSnapshot())).toEqual(texts(watched.getSnapshot()));
    const [, answer] = loaded.getSnapshot().items as [Question, Answer];
    expect(answer.parts.map((part) => part.kind)).toEqual(["tool", "text"]);
  });

  it("can be exported with everything that was said", async () => {
    const store = open(await newThread());
    await until(store, (view) => view.status === "ready");
    await ask(store, "tool=4413 words=3");
    const document = JSON.parse(await person.threads.export(store.threadId, "json")) as { messages: { role: string }[]; activeBranch: string[] };
    expect(document.messages.map((message) => message.role)).toEqual(["user", "assistant", "tool", "assistant"]);
    expect(document.activeBranch).toHaveLength(4);
    expect(await person.threads.export(store.threadId, "markdown")).toContain("Tool `explain_code`");
  });

  it("shows what another device asks, with its question before the answer", async () => {
    const store = open(await newThread());
    await until(store, (view) => view.status === "ready");
    const other = person.client();
    closing.push(() => other.close());
    await other.startRun(order(store.threadId, "words=2"));
    await until(store, (view) => isDone(view) && view.items.length === 2);
    expect(texts(store.getSnapshot())).toEqual(["words=2", "word-0 word-1"]);
  });

  it("keeps an answer whole over lost connections", async () => {
    const proxy = await Proxy.to(origin);
    const shaky = person.client({ origin: `http://127.0.0.1:${proxy.port}`, Socket: socketOf(origin) });
    closing.push(() => shaky.close());
    const store = open(await newThread(), { by: shaky });
    await until(store, (view) => view.status === "ready");
    await client.startRun(order(store.threadId, "words=60 pace=0.02"));
    await until(store, (view) => texts(view).some((text) => text.includes("word-10")));
    proxy.cut();
    await until(store, isDone);
    expect(texts(store.getSnapshot()).at(-1)).toBe(Array.from({ length: 60 }, (_one, index) => `word-${index}`).join(" "));
    await proxy.close();
  });

  it("reports the end of a run once", async () => {
    const ended: string[] = [];
    const store = open(await newThread(), { onRunEnd: (id) => ended.push(id) });
    await until(store, (view) => view.status === "ready");
    await ask(store, "words=1");
    expect(ended).toEqual([store.threadId]);
  });

  it("adds an acknowledged question once", async () => {
    const store = open(await newThread());
    await until(store, (view) => view.status === "ready");
    const question: Question = { kind: "question", id: randomUUID(), text: "hello", createdAt: 1 };
    store.addQuestion(question);
    store.addQuestion(question);
    await until(store, (view) => view.items.length === 1);
  });

  it("starts a branch with an edit, and returns to the former one", async () => {
    const store = open(await newThread());
    await until(store, (view) => view.status === "ready");
    const first = await ask(store, "words=1");
    store.fork(first, "before");
    await client.startRun({ ...order(store.threadId, "words=2 edited"), parentId: null });
    await until(store, (view) => isDone(view) && view.items[0]?.siblings?.count === 2);
    expect(texts(store.getSnapshot())).toEqual(["words=2 edited", "word-0 word-1"]);
    await store.activateBranch(first);
    await until(store, (view) => texts(view)[0] === "words=1");
    expect(texts(store.getSnapshot())).toEqual(["words=1", "word-0"]);
    expect(store.getSnapshot().items[0]?.siblings).toMatchObject({ index: 0, count: 2 });
    await store.removeBranch(first);
    await until(store, (view) => texts(view)[0] === "words=2 edited" && (view.items[0]?.siblings?.count ?? 1) === 1);
  });

  it("gives an answer again in place", async () => {
    const store = open(await newThread());
    await until(store, (view) => view.status === "ready");
    const question = await ask(store, "words=1");
    store.fork(question, "with");
    await client.startRun({ threadId: store.threadId, commandId: randomUUID(), message: { id: question, content: "words=1" }, regenerate: true });
    await until(store, (view) => isDone(view) && view.items[1]?.siblings?.count === 2);
    expect(texts(store.getSnapshot())).toEqual(["words=1", "word-0"]);
  });

  it("follows an edit that another device makes while its answer streams", async () => {
    const store = open(await newThread());
    await until(store, (view) => view.status === "ready");
    await ask(store, "words=1");
    const other = person.client();
    closing.push(() => other.close());
    await other.startRun({ ...order(store.threadId, "words=30 pace=0.02"), parentId: null });
    await until(store, (view) => isDone(view) && texts(view).at(-1)?.endsWith("word-29") === true);
    expect(texts(store.getSnapshot())[0]).toBe("words=30 pace=0.02");
    expect(store.getSnapshot().items).toHaveLength(2);
  });
});
