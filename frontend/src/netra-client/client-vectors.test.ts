// The TypeScript SDK follows the rules for clients: the transcripts that the Python SDK runs too.

import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";

import { ScriptedServer, type Step } from "../../test-support/scripted-server";
import { NetraClient } from "./client.ts";
import { asNetraError } from "./errors.ts";

interface Vector {
  readonly name: string;
  readonly steps: readonly Step[];
  readonly shows?: Record<string, readonly string[]>;
  readonly outcomes?: Record<string, string>;
  readonly closed?: string;
}

const PATH = join(import.meta.dirname, "..", "..", "..", "docs", "client-vectors.json");
const { ids, vectors } = JSON.parse(readFileSync(PATH, "utf8")) as {
  readonly ids: Record<string, string>;
  readonly vectors: readonly Vector[];
};
const names = new Map(Object.entries(ids).map(([name, id]) => [id, name]));
const idOf = (name: string): string => ids[name] ?? name;

describe("the rules for clients", () => {
  it.each(vectors.map((vector) => [vector.name, vector] as const))("%s", async (_name, vector) => {
    const server = new ScriptedServer(ids);
    const client = new NetraClient({
      origin: "http://127.0.0.1",
      tokens: { token: () => Promise.resolve({ value: "t0", expiresAt: Date.now() + 900_000 }) },
      Socket: server.Socket,
      policy: { promptMs: 10, firstMs: 10, capMs: 50, stableMs: 2_000 },
    });
    const shows: Record<string, string[]> = {};
    const outcomes: Record<string, string> = {};
    client.start();
    try {
      for (const step of vector.steps) {
        if (step.client === "subscribe") {
          await expect.poll(() => client.state.kind).toBe("live");
          shows[step.thread] = follow(client, step.thread);
        } else if (step.client === "run") {
          const order = { threadId: idOf(step.thread), commandId: randomUUID(), message: { id: randomUUID(), content: step.content } };
          client.startRun(order).then(
            ({ runId }) => void (outcomes[step.name] = names.get(runId) ?? runId),
            (reason: unknown) => void (outcomes[step.name] = asNetraError(reason).code),
          );
        } else await server.play(step);
      }
      const closed = (): string => (client.state.kind === "closed" ? (client.state.error?.code ?? "") : "");
      const wanted = { shows: vector.shows ?? {}, outcomes: vector.outcomes ?? {}, closed: vector.closed ?? "" };
      await expect.poll(() => ({ shows, outcomes, closed: closed() })).toEqual(wanted);
    } finally {
      client.close();
    }
  });
});

/** Returns what a reader of the thread shows; the first start, which is no reset, is left out. */
function follow(client: NetraClient, thread: string): string[] {
  const shown: string[] = [];
  client.follow(idOf(thread), {
    onEvent: ({ epoch, offset }) => void shown.push(`${epoch}/${offset}`),
    onReset: ({ reason }) => {
      if (reason === "no_position") return;
      if (shown.at(-1)?.startsWith("reset") === true) shown.pop(); // two reloads in a row show what one does
      shown.push(`reset ${reason}`);
    },
  });
  return shown;
}
