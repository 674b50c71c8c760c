// The AG-UI agent, with the stock client's own verifier, on the real platform.

import { randomUUID } from "node:crypto";
import { afterEach, beforeEach, describe, expect, inject, it } from "vitest";

import { Person, socketOf } from "../../test-support/people";
import { Proxy } from "../../test-support/proxy";
import { NetraAgent } from "./agent.ts";
import type { NetraClient } from "./client.ts";

const origin = inject("netraUrl");
let person: Person;
let proxy: Proxy;
let client: NetraClient;

beforeEach(async () => {
  person = await Person.register(origin);
  proxy = await Proxy.to(origin);
  client = person.client({ origin: `http://127.0.0.1:${proxy.port}`, Socket: socketOf(origin) });
});
afterEach(async () => {
  client.close();
  await proxy.close();
});

async function newAgent(content?: string): Promise<NetraAgent> {
  const { id } = await person.threads.create(randomUUID());
  const agent = new NetraAgent(client, { threadId: id });
  if (content !== undefined) agent.addMessage({ id: randomUUID(), role: "user", content });
  return agent;
}

describe("NetraAgent", () => {
  it("builds the very messages that the server stored, tool call included", async () => {
    const agent = await newAgent("tool=4413 words=3");
    const { newMessages } = await agent.runAgent();
    const stored = (await person.threads.messages(agent.threadId)).items.toReversed();
    expect(newMessages.map((message) => message.role)).toEqual(["assistant", "tool", "assistant"]);
    expect(agent.messages.map((message) => [message.id, message.role])).toEqual(stored.map((message) => [message.id, message.role]));
  });

  it("does not notice lost connections", async () => {
    const agent = await newAgent("words=40 pace=0.02");
    let [text, cuts] = ["", 0];
    await agent.runAgent({}, {
      onTextMessageContentEvent: ({ event }) => {
        text += event.delta; // an event has one token or more
        if (!text.includes(cuts === 0 ? "word-5 " : "word-20 ") || cuts === 2) return;
        cuts += 1;
        proxy.cut();
      },
    });
    expect(cuts).toBe(2);
    expect(text).toBe(agent.messages.at(-1)?.content);
    expect(agent.messages.at(-1)?.content).toBe(Array.from({ length: 40 }, (_one, index) => `word-${index} `).join(""));
  });

  it("stops the run on the server when it is aborted", async () => {
    const agent = await newAgent("words=500 pace=0.02");
    const outcomes: string[] = [];
    await agent.runAgent({}, {
      onTextMessageStartEvent: () => agent.abortRun(),
      onRunFinishedEvent: ({ outcome }) => void outcomes.push(outcome),
    });
    expect(outcomes).toEqual(["cancelled"]);
    expect((await person.threads.runs(agent.threadId)).items[0]?.status).toBe("cancelled");
  });

  it("reattaches to a run that another agent started, from its first event", async () => {
    const agent = await newAgent("words=40 pace=0.02");
    let notify: () => void = () => undefined;
    const started = new Promise<void>((resolve) => {
      notify = resolve;
    });
    const first = agent.runAgent({}, { onTextMessageStartEvent: () => notify() });
    await started;
    const other = new NetraAgent(client, { threadId: agent.threadId });
    const { newMessages } = await other.connectAgent();
    await first;
    expect(newMessages.at(-1)?.content).toBe(agent.messages.at(-1)?.content);
  });

  it("connects to an idle thread without an event and without an error", async () => {
    expect((await (await newAgent()).connectAgent()).newMessages).toEqual([]);
  });

  it("refuses to run when there is nothing to send, and reports the server's refusals", async () => {
    await expect((await newAgent()).runAgent()).rejects.toMatchObject({ code: "nothing_to_send" });
    const nowhere = new NetraAgent(client, { threadId: randomUUID() });
    nowhere.addMessage({ id: randomUUID(), role: "user", content: "hello" });
    await expect(nowhere.runAgent()).rejects.toMatchObject({ code: "thread_not_found" });
  });

  it("is cloned with everything of its own, and shares the connection", async () => {
    const agent = await newAgent("words=1");
    const copy = agent.clone();
    copy.addMessage({ id: randomUUID(), role: "user", content: "words=2" });
    expect(agent.messages).toHaveLength(1);
    expect((await copy.runAgent()).newMessages.at(-1)?.content).toBe("word-0 word-1 ");
  });

  it("says what its transport can do", async () => {
    expect(await (await newAgent()).getCapabilities()).toEqual({
      transport: { streaming: true, websocket: true, resumable: true },
      humanInTheLoop: { supported: true, approvals: true, interrupts: true, approveWithEdits: true },
    });
  });
});
