import type { Connection } from "./connection.ts";
import { asNetraError, NetraError } from "./errors.ts";
import type { Followers } from "./followers.ts";
import { SPOKEN_VERSION } from "./handshake.ts";
import type { ResolvedOptions } from "./options.ts";
import { Subscriptions, type SubscriptionChannel } from "./subscriptions.ts";
import { REFRESH_MARGIN_MS, type AccessToken } from "./tokens.ts";
import type { Initialized, ThreadEvent } from "./wire.ts";

const REFRESH_RETRY_MS = 5_000;

/** One open connection from `initialize` to its end, with the timers that keep it healthy. */
export class LiveSession {
  readonly #options: ResolvedOptions;
  readonly #subscriptions: Subscriptions;
  readonly #forward: (method: string, params: Record<string, unknown>) => void;
  readonly #timers = new Set<ReturnType<typeof setTimeout>>();
  #token: AccessToken;
  #refreshTimer: ReturnType<typeof setTimeout> | undefined;
  #connection: Connection | null = null;
  #initialized = false;
  #draining = false;
  #stopped = false;
  #leaveAt: number | null = null;

  constructor(
    options: ResolvedOptions,
    followers: Followers,
    token: AccessToken,
    forward: (method: string, params: Record<string, unknown>) => void,
  ) {
    this.#options = options;
    this.#subscriptions = new Subscriptions(options, followers, this.#channel());
    this.#token = token;
    this.#forward = forward;
  }

  /** The connection, while it takes commands. */
  get commandable(): Connection | null {
    const open = this.#initialized && !this.#draining && this.#connection?.isOpen === true;
    return open ? this.#connection : null;
  }

  /** Milliseconds until the agreed time of reconnecting; null when nothing was agreed. */
  get agreedDelayMs(): number | null {
    return this.#leaveAt === null ? null : Math.max(0, this.#leaveAt - Date.now());
  }

  /** Introduces the client and takes up its subscriptions where they were. */
  async start(connection: Connection): Promise<Initialized> {
    this.#connection = connection;
    const { client, timeouts } = this.#options;
    let initialized: Initialized | null = null;
    await connection.call(
      "initialize",
      {
        protocolVersion: SPOKEN_VERSION,
        client,
        subscriptions: this.#subscriptions.first(),
      },
      timeouts.initializeMs,
      (result) => {
        initialized = result as Initialized;
        this.#subscriptions.initialized(initialized);
      },
    );
    if (initialized === null) throw new NetraError("protocol_violation", "No answer.", { retry: "backoff" });
    connection.maxFrameBytes = (initialized as Initialized).limits.maxFrameBytes;
    this.#initialized = true;
    // Threads that were followed while `initialize` was in flight, that did not fit into it, and those
    // that a busy store refused: every socket of a deploy reconnects in the same seconds.
    this.#subscriptions.addMissing((initialized as Initialized).subscriptions);
    this.#schedulePing();
    this.#scheduleRefresh(this.#token.expiresAt - REFRESH_MARGIN_MS - Date.now());
    return initialized;
  }

  readonly onNotification = (method: string, params: Record<string, unknown>): void => {
    switch (method) {
      case "thread.event": {
        this.#subscriptions.deliver(params as unknown as ThreadEvent);
        break;
      }
      case "connection.draining":
        this.#draining = true;
        this.#leaveIn(Number(params["reconnectAfterMs"]) || 0);
        break;
      case "connection.expiring":
        if (params["reason"] === "token") this.#scheduleRefresh(0);
        // Anywhere in the first half of the notice: connections of one deploy grow old together.
        else this.#leaveIn((this.#options.random() * Number(params["closesInSeconds"]) * 1000) / 2);
        break;
      default:
        this.#forward(method, params); // a newer server's, or a page's own
    }
  };

  subscribe(threadId: string): void {
    if (this.#initialized) this.#subscriptions.add(threadId); // `start` sends the whole list
  }

  unsubscribe(threadId: string): void {
    if (this.#initialized) this.#subscriptions.remove(threadId);
  }

  /** Asks the peer for a sign of life, and gives the connection up when none comes. */
  prove(): void {
    const connection = this.#connection;
    if (connection === null || !this.#initialized) return;
    connection.call("ping", {}, this.#options.timeouts.pongMs).catch((reason: unknown) => {
      if (asNetraError(reason).code === "deadline_passed") {
        connection.abort("connection_lost", "No answer to a ping.");
      }
    });
  }

  /** Leaves a connection that is about to be replaced anyway. */
  leaveNow(): void {
    if (this.#leaveAt === null) return;
    this.#leaveAt = Date.now();
    this.#connection?.close();
  }

  abort(code: string, message: string): void {
    this.#connection?.abort(code, message);
  }

  close(): void {
    this.stop();
    this.#connection?.close();
  }

  /** Ends the timers; a renewal in flight starts no other. */
  stop(): void {
    this.#stopped = true;
    for (const timer of this.#timers) clearTimeout(timer);
    this.#timers.clear();
  }

  #leaveIn(ms: number): void {
    if (this.#leaveAt !== null) return;
    this.#leaveAt = Date.now() + ms;
    this.#later(ms, () => this.leaveNow());
  }

  #schedulePing(): void {
    this.#later(this.#options.timeouts.pingEveryMs, () => {
      this.prove();
      this.#schedulePing();
    });
  }

  #scheduleRefresh(inMs: number): void {
    if (this.#stopped) return;
    // setTimeout counts in 32 bits; no token lives that long, but a test's may.
    if (this.#refreshTimer !== undefined) {
      clearTimeout(this.#refreshTimer);
      this.#timers.delete(this.#refreshTimer);
    }
    const delay = Math.min(Math.max(0, inMs), 2 ** 31 - 1);
    this.#refreshTimer = this.#later(delay, () => void this.#refresh());
  }

  async #refresh(): Promise<void> {
    try {
      const fresh = await this.#options.tokens.token(this.#token.value);
      await this.#connection?.call("token.refresh", { token: fresh.value }, this.#options.timeouts.replyMs);
      this.#token = fresh;
      this.#scheduleRefresh(fresh.expiresAt - REFRESH_MARGIN_MS - Date.now());
    } catch (reason) {
      // Signed out: the server closes the socket in time, and the keeper reports that.
      if (asNetraError(reason).code !== "signed_out") this.#scheduleRefresh(REFRESH_RETRY_MS);
    }
  }

  #channel(): SubscriptionChannel {
    const isOpen = (): boolean => this.#connection?.isOpen === true;
    return {
      get isOpen(): boolean {
        return isOpen();
      },
      call: (method, params, onResult) => {
        if (this.#connection === null) return Promise.reject(new NetraError("closed", "No connection.", { retry: "never" }));
        return this.#connection.call(method, params, this.#options.timeouts.replyMs, onResult);
      },
      later: (ms, action) => void this.#later(ms, action),
    };
  }

  #later(ms: number, action: () => void): ReturnType<typeof setTimeout> {
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      action();
    }, ms);
    this.#timers.add(timer);
    return timer;
  }
}
