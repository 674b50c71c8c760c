import { randomBytes, randomUUID } from "node:crypto";

import { NetraClient } from "../src/netra-client/client";
import type { SocketConstructor } from "../src/netra-client/connection";
import { requestJson } from "../src/netra-client/http";
import type { ClientOptions } from "../src/netra-client/options";
import type { ConnectionState } from "../src/netra-client/state";
import { Threads } from "../src/netra-client/threads";
import type { AccessToken, TokenSource } from "../src/netra-client/tokens";
import type { ThreadEvent } from "../src/netra-client/wire";

interface Tokens {
  access_token: string;
  refresh_token: string;
  expires_in: number;
}

/** An account with the tokens of an SDK. `margin` makes tokens look older than they are. */
export class Person implements TokenSource {
  readonly origin: string;
  refreshes = 0;
  lifeMs: number | null = null;
  #tokens: Tokens;

  private constructor(origin: string, tokens: Tokens) {
    this.origin = origin;
    this.#tokens = tokens;
  }

  static async register(origin: string): Promise<Person> {
    const body = { email: `${randomUUID()}@example.com`, password: randomBytes(18).toString("hex") };
    return new Person(origin, (await requestJson(`${origin}/api/auth/register`, { method: "POST", body })) as Tokens);
  }

  async token(notThis?: string): Promise<AccessToken> {
    if (notThis === this.#tokens.access_token) {
      const body = { refresh_token: this.#tokens.refresh_token };
      this.#tokens = (await requestJson(`${this.origin}/api/auth/refresh`, { method: "POST", body })) as Tokens;
      this.refreshes += 1;
    }
    return { value: this.#tokens.access_token, expiresAt: Date.now() + (this.lifeMs ?? this.#tokens.expires_in * 1000) };
  }

  /** Makes the present access token useless to a page, which still holds it. */
  async signOutEverywhere(): Promise<void> {
    await requestJson(`${this.origin}/api/auth/logout`, { method: "POST", body: { refresh_token: this.#tokens.refresh_token } });
  }

  get threads(): Threads {
    return new Threads(this.origin, this);
  }

  client(options: Partial<ClientOptions> = {}): NetraClient {
    const client = new NetraClient({
      origin: this.origin,
      tokens: this,
      Socket: socketOf(this.origin),
      policy: { promptMs: 20, firstMs: 50, capMs: 500, stableMs: 2_000 },
      ...options,
    });
    client.start();
    return client;
  }
}

/** A WebSocket that says which page it belongs to, as browsers do: refusals then come as close codes. */
export function socketOf(page: string): SocketConstructor {
  return class extends WebSocket {
    constructor(url: string, protocols: string[]) {
      super(url, { protocols, headers: { origin: page } } as unknown as string[]);
    }
  } as unknown as SocketConstructor;
}

/** Resolves when the client reaches a state of `kind`. */
export function untilState(client: NetraClient, kind: ConnectionState["kind"]): Promise<ConnectionState> {
  return new Promise((resolve) => {
    const look = (state: ConnectionState): void => {
      if (state.kind !== kind) return;
      stop();
      resolve(state);
    };
    const stop = client.watch(look);
    look(client.state);
  });
}

/** Collects a thread's events and resets. */
export class Reader {
  readonly events: ThreadEvent[] = [];
  readonly resets: string[] = [];
  readonly stop: () => void;
  #look: () => void = () => undefined;

  constructor(client: NetraClient, threadId: string) {
    this.stop = client.follow(threadId, {
      onEvent: (event) => {
        this.events.push(event);
        this.#look();
      },
      onReset: ({ reason }) => {
        this.resets.push(reason);
        this.#look();
      },
    });
  }

  get types(): string[] {
    return this.events.map((one) => one.event.type);
  }

  get text(): string {
    return this.events
      .filter((one) => one.event.type === "TEXT_MESSAGE_CONTENT")
      .map((one) => String(one.event["delta"]))
      .join("");
  }

  async until(condition: () => boolean): Promise<void> {
    while (!condition()) {
      await new Promise<void>((resolve) => {
        this.#look = resolve;
      });
    }
  }
}

export function order(threadId: string, content: string) {
  return { threadId, commandId: randomUUID(), message: { id: randomUUID(), content } };
}
