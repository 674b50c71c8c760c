// The client against the real platform, through a proxy that breaks connections.

import { randomUUID } from "node:crypto";
import { afterEach, beforeEach, describe, expect, inject, it } from "vitest";

import { order, Person, Reader, socketOf, untilState } from "../../test-support/people";
import { Proxy } from "../../test-support/proxy";
import type { NetraClient } from "./client.ts";
import { requestAs } from "./http.ts";
import type { Surroundings } from "./surroundings.ts";

const origin = inject("netraUrl");
const WORDS = 60;
const LONG = `words=${WORDS} pace=0.02`;
const WHOLE = Array.from({ length: WORDS }, (_unused, index) => `word-${index} `).join("");

let person: Person;
let proxy: Proxy;
const clients: NetraClient[] = [];

beforeEach(async () => {
  person = await Person.register(origin);
  proxy = await Proxy.to(origin);
});
afterEach(async () => {
  for (const client of clients.splice(0)) client.close();
  await proxy.close();
});

function open(options: Parameters<Person["client"]>[0] = {}): NetraClient {
  const client = person.client(options);
  clients.push(client);
  return client;
}

const throughProxy = () => ({ origin: `http://127.0.0.1:${proxy.port}`, Socket: socketOf(origin) });

async function newThread(): Promise<string> {
  return (await person.threads.create(randomUUID())).id;
}

describe("NetraClient", () => {
  it("sends a message and hands on the whole answer, in order", async () => {
    const client = open();
    const threadId = await newThread();
    const reader = new Reader(client, threadId);
    const started = await client.startRun(order(threadId, "words=3"));
    await reader.until(() => reader.types.includes("RUN_FINISHED"));
    expect(reader.resets).toEqual(["no_position"]);
    expect(reader.events.every((event) => event.runId === started.runId)).toBe(true);
    expect(reader.types[0]).toBe("RUN_STARTED");
    expect(reader.text).toBe("word-0 word-1 word-2 ");
    expect(reader.events.map((event) => event.offset)).toEqual(reader.events.map((_one, index) => index + 1));
  });

  it("resumes after every cut without a gap and without a duplicate", async () => {
    const client = open(throughProxy());
    const threadId = await newThread();
    const reader = new Reader(client, threadId);
    await client.startRun(order(threadId, LONG));
    for (const cutAt of [5, 20, 40]) {
      await reader.until(() => reader.events.length >= cutAt);
      proxy.cut();
    }
    await reader.until(() => reader.types.includes("RUN_FINISHED"));
    expect(reader.text).toBe(WHOLE);
    expect(reader.resets).toEqual(["no_position"]);
  });

  it("sends a command again whose answer was lost, and it is executed once", async () => {
    const client = open(throughProxy());
    const threadId = await newThread();
    await untilState(client, "live");
    proxy.mute = true;
    const started = client.startRun(order(threadId, "words=2"));
    await expect.poll(async () => (await person.threads.runs(threadId)).items.length).toBe(1);
    proxy.mute = false;
    proxy.cut();
    const { runId } = await started;
    const runs = await person.threads.runs(threadId);
    const messages = await person.threads.messages(threadId);
    expect(runs.items.map((run) => run.id)).toEqual([runId]);
    expect(messages.items.filter((message) => message.role === "user")).toHaveLength(1);
  });

  it("renews its token in band before it ends, on the same connection", async () => {
    person.lifeMs = 61_000; // a second from now, with the margin
    const client = open();
    const live = await untilState(client, "live");
    await expect.poll(() => person.refreshes).toBeGreaterThan(0);
    person.lifeMs = null;
    expect(await client.command("ping", {})).toEqual({});
    expect(client.state).toEqual(live);
  });

  it("opens with a single-use ticket", async () => {
    const client = open({
      fetchTicket: async () => {
        const body = (await requestAs(person, `${origin}/api/auth/ws-ticket`, { method: "POST" })) as { ticket: string };
        return body.ticket;
      },
    });
    await untilState(client, "live");
  });

  it("gets another token when one is refused, and gives up when the new one is refused too", async () => {
    const asked: (string | undefined)[] = [];
    const liar = {
      token: async (notThis?: string) => {
        asked.push(notThis);
        return { value: "e30.e30.AA", expiresAt: Date.now() + 900_000 };
      },
    };
    const client = open({ tokens: liar });
    const closed = await untilState(client, "closed");
    expect(closed).toMatchObject({ kind: "closed", error: { retry: "after-refresh", closeCode: 4401 } });
    expect(asked).toEqual([undefined, "e30.e30.AA"]);
  });

  it("stops for good when the session is revoked", async () => {
    const client = open();
    await untilState(client, "live");
    await person.signOutEverywhere();
    expect(await untilState(client, "closed")).toMatchObject({ error: { code: "session_revoked", retry: "never" } });
    await expect(client.command("ping", {})).rejects.toMatchObject({ code: "session_revoked" });
  });

  it("stays offline while the machine is, and reconnects immediately when the machine is online", async () => {
    let isOnline = true;
    let notify: (change: "online" | "offline") => void = () => undefined;
    const surroundings: Surroundings = {
      isOnline: () => isOnline,
      watch: (listener) => {
        notify = listener;
        return () => undefined;
      },
    };
    const client = open({ surroundings });
    await untilState(client, "live");
    isOnline = false;
    notify("offline");
    await untilState(client, "offline");
    const threadId = await newThread();
    const started = client.startRun(order(threadId, "words=1"));
    isOnline = true;
    notify("online");
    expect((await started).threadId).toBe(threadId);
  });

  it("stops a run from another connection", async () => {
    const [one, other] = [open(), open()];
    const threadId = await newThread();
    const reader = new Reader(one, threadId);
    const { runId } = await one.startRun(order(threadId, "words=500 pace=0.02"));
    await reader.until(() => reader.types.includes("TEXT_MESSAGE_CONTENT"));
    await other.cancelRun(runId);
    await reader.until(() => reader.types.includes("RUN_FINISHED"));
    expect(reader.events.at(-1)?.event["outcome"]).toMatchObject({ type: "cancelled" });
  });

  it("lets a second reader join in the middle of a run and see it from its beginning", async () => {
    const client = open();
    const threadId = await newThread();
    const first = new Reader(client, threadId);
    await client.startRun(order(threadId, LONG));
    await first.until(() => first.events.length >= 10);
    const second = new Reader(client, threadId);
    await Promise.all([first, second].map((reader) => reader.until(() => reader.types.includes("RUN_FINISHED"))));
    expect([first.text, second.text]).toEqual([WHOLE, WHOLE]);
    expect(second.types[0]).toBe("RUN_STARTED");
  });

  it("reports why a thread cannot be followed", async () => {
    const client = open();
    const refused = await new Promise((resolve) => {
      client.follow(randomUUID(), { onEvent: () => undefined, onReset: () => undefined, onRefused: resolve });
    });
    expect(refused).toMatchObject({ code: "thread_not_found", retry: "never" });
  });

  it("refuses a message that no frame can hold before it costs the connection", async () => {
    const client = open();
    const live = await untilState(client, "live");
    const threadId = await newThread();
    await expect(client.startRun(order(threadId, "x".repeat(70_000)))).rejects.toMatchObject({ code: "message_too_large" });
    await expect(client.startRun(order(threadId, "x".repeat(40_000)))).rejects.toMatchObject({ code: "message_too_large" });
    expect(client.state).toEqual(live);
  });
});
