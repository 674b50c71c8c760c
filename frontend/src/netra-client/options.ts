import type { SocketConstructor } from "./connection.ts";
import { DEFAULT_POLICY, type ReconnectPolicy } from "./retry.ts";
import { STEADY, type Surroundings } from "./surroundings.ts";
import type { TokenSource } from "./tokens.ts";

/** Deadlines in milliseconds; each names its wait. */
export interface Timeouts {
  /** TCP, TLS and the upgrade together. */
  readonly openMs: number;
  /** From the open socket to the answer of `initialize`. */
  readonly initializeMs: number;
  /** One answer on one connection. */
  readonly replyMs: number;
  /** A command in all, with waiting for a reconnect and sending it again. */
  readonly commandMs: number;
  /** Pause between two pings; below the server's idle timeout and any proxy's. */
  readonly pingEveryMs: number;
  /**
   * The answer to a ping; a later one means that the connection is dead. Above the 10 s that the
   * server grants a command, since a ping waits behind the one before it.
   */
  readonly pongMs: number;
}

export const DEFAULT_TIMEOUTS: Timeouts = {
  openMs: 10_000,
  initializeMs: 10_000,
  replyMs: 15_000,
  commandMs: 60_000,
  pingEveryMs: 25_000,
  pongMs: 12_500,
};

/** Choices of a `NetraClient`. */
export interface ClientOptions {
  /** The platform's origin, e.g. `https://netra.example.com`. */
  readonly origin: string;
  readonly tokens: TokenSource;
  /** Offer a single-use ticket in place of the token; returns one for an access token. */
  readonly fetchTicket?: (accessToken: string) => Promise<string>;
  readonly surroundings?: Surroundings;
  readonly policy?: ReconnectPolicy;
  readonly timeouts?: Timeouts;
  readonly Socket?: SocketConstructor;
  readonly client?: { readonly name: string; readonly version: string };
  /** Random numbers in [0, 1), for jitter. */
  readonly random?: () => number;
}

export type ResolvedOptions = Required<Omit<ClientOptions, "fetchTicket">> &
  Pick<ClientOptions, "fetchTicket">;

/** Fills in what was not chosen. */
export function resolveOptions(options: ClientOptions): ResolvedOptions {
  return {
    surroundings: STEADY,
    policy: DEFAULT_POLICY,
    timeouts: DEFAULT_TIMEOUTS,
    Socket: globalThis.WebSocket as unknown as SocketConstructor,
    client: { name: "netra-client", version: "0.1.0" },
    random: Math.random,
    ...options,
  };
}
