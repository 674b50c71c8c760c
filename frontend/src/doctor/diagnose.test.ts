// Each fault is made on purpose; the answers are those of netra_client's check.

import { describe, expect, it } from "vitest";

import { diagnose, type Patient } from "./diagnose.ts";
import { asText, causeOf, verdictOf, type Diagnosis } from "./findings.ts";

const NOW = Date.parse("2026-01-01T00:00:00.500Z");
const TOKEN = { value: "secret.token.value", expiresAt: NOW + 900_000 };

interface Behaviour {
  /** The socket opens; otherwise it ends with 1006. */
  readonly opens?: boolean;
  readonly protocol?: string;
  /** The server closes right after the upgrade. */
  readonly refusal?: { code: number; reason: string };
  readonly closeCode?: number;
}

type Listener = (event: never) => void;

/** A socket that behaves as asked. */
function socketWith({ opens = true, protocol = "jwt-auth", refusal, closeCode = 1000 }: Behaviour) {
  return class {
    readonly protocol = opens ? protocol : "";
    readyState = 0;
    readonly #listeners = new Map<string, Listener[]>();

    constructor(_url: string, protocols: string[]) {
      if (protocols[0] !== "jwt-auth") throw new Error("jwt-auth must be offered");
      queueMicrotask(() => {
        if (!opens) this.#emit("close", { code: 1006, reason: "" });
        else this.#emit("open", {});
      });
    }

    addEventListener(type: string, listener: Listener): void {
      this.#listeners.set(type, [...(this.#listeners.get(type) ?? []), listener]);
    }

    send(text: string): void {
      const { id } = JSON.parse(text) as { id: number };
      queueMicrotask(() => {
        if (refusal !== undefined) this.#emit("close", refusal);
        else this.#emit("message", { data: JSON.stringify({ jsonrpc: "2.0", id, result: { instanceId: "one" } }) });
      });
    }

    close(): void {
      queueMicrotask(() => this.#emit("close", { code: closeCode, reason: "" }));
    }

    #emit(type: string, event: object): void {
      for (const listener of this.#listeners.get(type) ?? []) listener(event as never);
    }
  };
}

function patient(behaviour: Behaviour = {}, changed: Partial<Patient> = {}): Patient {
  const headers = { date: "Thu, 01 Jan 2026 00:00:00 GMT" };
  return {
    origin: "https://chat.example.com",
    fetch: () => Promise.resolve(new Response("{}", { status: 200, headers })),
    Socket: socketWith(behaviour),
    token: () => Promise.resolve(TOKEN),
    now: () => NOW,
    ...changed,
  };
}

const answers = (diagnosis: Diagnosis): Record<string, string> =>
  Object.fromEntries(diagnosis.findings.map((one) => [one.check, one.answer]));

describe("diagnose", () => {
  it("finds no cause when everything works, and shows no credential", async () => {
    const found = await diagnose(patient());
    expect(new Set(Object.values(answers(found)))).toEqual(new Set(["yes"]));
    expect(found.findings.map((one) => one.check)).toEqual([
      "dns", "tcp", "tls", "http", "clock", "token", "upgrade", "subprotocol", "origin", "answers", "close",
    ]);
    expect(causeOf(found)).toBeNull();
    expect(verdictOf(found)).toContain("opens and answers");
    expect(asText(found)).not.toContain("secret");
  });

  it("names a refused credential, and an expired token as its cause", async () => {
    const refusal = { code: 4401, reason: "token_expired" };
    const found = await diagnose(patient({ refusal }, { token: () => Promise.resolve({ ...TOKEN, expiresAt: NOW - 5_000 }) }));
    expect(answers(found)).toMatchObject({ token: "no", upgrade: "no", answers: "unknown", close: "unknown" });
    expect(causeOf(found)?.check).toBe("token");
    const fresh = await diagnose(patient({ refusal }));
    expect(causeOf(fresh)).toMatchObject({ check: "upgrade", evidence: "HTTP 101, then closed with 4401 token_expired" });
  });

  it("does not blame an old token where the socket opens", async () => {
    const found = await diagnose(patient({}, { token: () => Promise.resolve({ ...TOKEN, expiresAt: NOW - 5_000 }) }));
    expect(answers(found)["token"]).toBe("no");
    expect(causeOf(found)).toBeNull();
  });

  it("distinguishes a blocked socket from a platform that is not reached", async () => {
    const blocked = await diagnose(patient({ opens: false }));
    expect(answers(blocked)).toMatchObject({ http: "yes", upgrade: "no", subprotocol: "unknown", origin: "unknown" });
    expect(causeOf(blocked)?.check).toBe("upgrade");
    const lost = await diagnose(patient({ opens: false }, { fetch: () => Promise.reject(new TypeError("Failed to fetch")) }));
    expect(answers(lost)).toMatchObject({ dns: "unknown", tcp: "unknown", tls: "unknown", http: "no", clock: "unknown" });
    expect(causeOf(lost)?.check).toBe("http");
  });

  it("finds a wrong subprotocol, a refused origin, a wrong clock and an unclean close", async () => {
    expect(causeOf(await diagnose(patient({ protocol: "" })))?.check).toBe("subprotocol");
    const forbidden = await diagnose(patient({ refusal: { code: 4403, reason: "origin_forbidden" } }));
    expect(answers(forbidden)["origin"]).toBe("no");
    const late = await diagnose(patient({}, { now: () => NOW + 120_000 }));
    expect(late.findings.find((one) => one.check === "clock")).toMatchObject({ answer: "no", evidence: "this machine is 120 s ahead" });
    expect(causeOf(await diagnose(patient({ closeCode: 1006 })))?.check).toBe("close");
  });

  it("works without a session, and when the session cannot be restored", async () => {
    const anonymous = await diagnose(patient({ refusal: { code: 4401, reason: "credential_missing" } }, { token: () => Promise.resolve(null) }));
    expect(anonymous.findings.find((one) => one.check === "token")).toMatchObject({ answer: "unknown" });
    const failing = await diagnose(patient({}, { token: () => Promise.reject(new Error("unavailable")) }));
    expect(answers(failing)["token"]).toBe("unknown");
  });
});
