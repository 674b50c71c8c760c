// Messages are sent exactly once, over lost sockets and reloads.

import { randomUUID } from "node:crypto";
import { afterEach, beforeEach, describe, expect, inject, it } from "vitest";

import { order, Person, socketOf } from "../../test-support/people";
import { Proxy } from "../../test-support/proxy";
import { NetraClient } from "./client.ts";
import { Outbox, type OutboxStorage } from "./outbox.ts";

const origin = inject("netraUrl");
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

function open(isProxied = false): NetraClient {
  const client = person.client(isProxied ? { origin: `http://127.0.0.1:${proxy.port}`, Socket: socketOf(origin) } : {});
  clients.push(client);
  return client;
}

/** A client that never connects. */
function idle(): NetraClient {
  const client = new NetraClient({ origin, tokens: person });
  clients.push(client);
  return client;
}

function storage(): OutboxStorage & { text: string | null } {
  return {
    text: null,
    read() {
      return this.text;
    },
    write(text) {
      this.text = text;
    },
  };
}

async function userMessages(threadId: string): Promise<string[]> {
  const { items } = await person.threads.messages(threadId);
  return items.toReversed().filter((message) => message.role === "user").map((message) => String(message.content));
}

const untilEmpty = (box: Outbox) => expect.poll(() => box.entries.length).toBe(0);

describe("Outbox", () => {
  it("creates the thread and sends what was written into it, in order", async () => {
    const box = new Outbox(open(), person.threads, storage());
    const threadId = randomUUID();
    box.send(order(threadId, "words=1 first"), true);
    box.send(order(threadId, "words=1 second"), true);
    await untilEmpty(box);
    expect(await userMessages(threadId)).toEqual(["words=1 first", "words=1 second"]);
  });

  it("carries on after a reload with what the former page had, once", async () => {
    const kept = storage();
    const threadId = randomUUID();
    const client = open(true);
    const former = new Outbox(client, person.threads, kept);
    proxy.mute = true; // the command may arrive, its answer does not
    former.send(order(threadId, "words=1 hello"), true);
    await expect.poll(async () => (await person.threads.list()).items.length).toBe(1);
    former.close();
    client.close();
    const next = new Outbox(open(), person.threads, kept);
    await untilEmpty(next);
    expect(await userMessages(threadId)).toEqual(["words=1 hello"]);
  });

  it("waits for a running answer, and interrupts it when asked to", async () => {
    const client = open();
    const box = new Outbox(client, person.threads, storage());
    const threadId = randomUUID();
    box.send(order(threadId, "words=1000 pace=0.05"), true);
    await untilEmpty(box);
    const second = order(threadId, "words=1 second");
    box.send(second, false);
    await expect.poll(() => box.entries[0]?.state).toBe("waiting-for-run");
    const shown = new Set<string | undefined>();
    box.watch(() => shown.add(box.entries[0]?.state));
    box.runEnded(threadId); // it has not: the message is refused once more, and stays waiting
    await client.command("ping", {});
    expect([...shown].filter((state) => state !== "waiting-for-run")).toEqual([]);
    box.interruptWith(second.commandId);
    await untilEmpty(box);
    expect(await userMessages(threadId)).toHaveLength(2);
  });

  it("leaves alone what another page keeps in the same storage", () => {
    const kept = storage();
    const [one, other] = [0, 1].map(() => new Outbox(idle(), person.threads, kept)) as [Outbox, Outbox];
    const [first, second] = [order(randomUUID(), "one"), order(randomUUID(), "other")];
    one.send(first, false);
    other.send(second, false);
    const held = () => (JSON.parse(kept.text ?? "[]") as { commandId: string }[]).map((entry) => entry.commandId);
    expect(held().sort()).toEqual([first.commandId, second.commandId].sort());
    other.discard(second.commandId);
    one.send(order(randomUUID(), "third"), false);
    expect(held()).not.toContain(second.commandId);
    for (const box of [one, other]) box.close();
  });

  it("sends half a character as the replacement character, and what is behind it", async () => {
    const box = new Outbox(open(), person.threads, storage());
    const threadId = randomUUID();
    box.send(order(threadId, "words=1 half \ud83d"), true);
    box.send(order(threadId, "words=1 next"), true);
    await untilEmpty(box);
    expect(await userMessages(threadId)).toEqual(["words=1 half \ufffd", "words=1 next"]);
  });

  it("keeps a refused message until the person decides, and sends the next one", async () => {
    const box = new Outbox(open(), person.threads, storage());
    const refused = order(randomUUID(), "x".repeat(40_000));
    box.send(refused, true);
    box.send(order(refused.threadId, "words=1 next"), true);
    await expect.poll(() => box.entries[0]?.state).toBe("refused");
    expect(box.entries[0]?.failure?.code).toBe("message_too_large");
    await expect.poll(() => box.entries.length).toBe(1);
    expect(await userMessages(refused.threadId)).toEqual(["words=1 next"]);
    box.discard(refused.commandId);
    expect(box.entries).toEqual([]);
  });

  it("ignores storage that it did not write", () => {
    for (const text of ["", "{", "[1]", '[{"commandId":5}]', '{"a":1}']) {
      const box = new Outbox(open(), person.threads, { read: () => text, write: () => undefined });
      expect(box.entries).toEqual([]);
    }
  });
});
