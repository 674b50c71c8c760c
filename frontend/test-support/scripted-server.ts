// A server that follows a transcript of docs/client-vectors.json, without a network.

import { expect } from "vitest";

import type { SocketConstructor, SocketLike } from "../src/netra-client/connection";

/** One step of a transcript; which members it has depends on its kind. */
export interface Step {
  readonly client?: "subscribe" | "run";
  readonly name: string;
  readonly thread: string;
  readonly content: string;
  readonly receive?: string;
  readonly params?: Record<string, unknown>;
  readonly remember?: string;
  readonly same?: string;
  readonly result?: Record<string, unknown>;
  readonly error?: unknown;
  readonly id?: null;
  readonly notify?: { readonly method: string; readonly params: unknown };
  readonly drop?: true;
  readonly close?: number;
}

interface Request {
  readonly id: number;
  readonly method: string;
  readonly params: Record<string, unknown>;
}

type Listener = (event: { data: unknown; code: number; reason: string }) => void;

class FakeSocket implements SocketLike {
  readonly protocol = "jwt-auth";
  readyState = 0;
  readonly requests: Request[] = [];
  readonly #listeners: [string, Listener][] = [];

  addEventListener(type: string, listener: (event: never) => void): void {
    this.#listeners.push([type, listener as Listener]);
  }

  open(): void {
    this.readyState = 1;
    this.#emit("open", {});
  }

  send(text: string): void {
    const request = JSON.parse(text) as Request;
    if (request.method === "ping") this.reply({ id: request.id, result: {} });
    else this.requests.push(request);
  }

  reply(frame: object): void {
    this.#emit("message", { data: JSON.stringify({ jsonrpc: "2.0", ...frame }) });
  }

  close(code = 1000, reason = ""): void {
    if (this.readyState === 3) return;
    this.readyState = 3;
    queueMicrotask(() => this.#emit("close", { code, reason }));
  }

  #emit(type: string, event: { data?: unknown; code?: number; reason?: string }): void {
    for (const [wanted, listener] of this.#listeners) {
      if (wanted === type) listener({ data: null, code: 0, reason: "", ...event });
    }
  }
}

/** Takes connections one after the other. */
export class ScriptedServer {
  readonly Socket: SocketConstructor;
  readonly #ids: Record<string, string>;
  readonly #sockets: FakeSocket[] = [];
  readonly #remembered = new Map<string, unknown>();
  #socket: FakeSocket | null = null;
  #last: Request | null = null;

  constructor(ids: Record<string, string>) {
    this.#ids = ids;
    const sockets = this.#sockets;
    this.Socket = class extends FakeSocket {
      constructor() {
        super();
        sockets.push(this);
        queueMicrotask(() => this.open());
      }
    };
  }

  /** Does one step of the server. */
  async play(step: Step): Promise<void> {
    if (step.receive !== undefined) {
      await this.#receive(step);
      return;
    }
    const socket = this.#socket;
    const last = this.#last;
    if (socket === null || last === null) throw new Error("the transcript has no connection here");
    if (step.drop) this.#end(1006);
    else if (step.close !== undefined) this.#end(step.close);
    else if (step.result !== undefined) {
      const result = this.#withIds(step.result) as object;
      socket.reply({ id: last.id, result: last.method === "initialize" ? { ...INITIALIZED, ...result } : result });
    } else if (step.error !== undefined) socket.reply({ id: step.id === null ? null : last.id, error: step.error });
    else if (step.notify !== undefined) {
      socket.reply(this.#withIds(step.notify) as object);
      if (step.notify.method === "connection.draining") this.#socket = null;
    } else socket.reply({ method: "thread.event", params: this.#withIds(step) });
  }

  async #receive(step: Step): Promise<void> {
    if (this.#socket === null) {
      await expect.poll(() => this.#sockets.length).toBeGreaterThan(0);
      this.#socket = this.#sockets.shift() ?? null;
    }
    const { requests } = this.#socket as FakeSocket;
    await expect.poll(() => requests.length).toBeGreaterThan(0);
    this.#last = requests.shift() as Request;
    const { method, params } = this.#last;
    expect(method).toBe(step.receive);
    expect(includes(params, this.#withIds(step.params)), JSON.stringify([params, step])).toBe(true);
    if (step.remember !== undefined) this.#remembered.set(step.remember, params[step.remember]);
    if (step.same !== undefined) expect(params[step.same]).toBe(this.#remembered.get(step.same));
  }

  #end(code: number): void {
    this.#socket?.close(code);
    this.#socket = null;
  }

  #withIds(value: unknown): unknown {
    if (typeof value === "string") return this.#ids[value] ?? value;
    if (Array.isArray(value)) return value.map((item) => this.#withIds(item));
    if (typeof value !== "object" || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, this.#withIds(item)]));
  }
}

const INITIALIZED = {
  protocolVersion: 1,
  connectionId: "one",
  instanceId: "one",
  revision: null,
  user: { id: "one", roles: ["user"] },
  tokenExpiresAt: 0,
  limits: { maxFrameBytes: 65_536, maxSubscriptions: 100 },
  subscriptions: [],
};

/** Returns whether `found` has the members of `wanted`; null: absent or null. */
function includes(found: unknown, wanted: unknown): boolean {
  if (Array.isArray(wanted)) {
    return Array.isArray(found) && found.length === wanted.length && wanted.every((item, index) => includes(found[index], item));
  }
  if (typeof wanted === "object" && wanted !== null) {
    const members = (found ?? {}) as Record<string, unknown>;
    return Object.entries(wanted).every(([key, item]) => includes(members[key], item));
  }
  return (found ?? null) === wanted;
}
