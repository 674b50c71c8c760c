import type { Connection } from "./connection.ts";
import { asNetraError, NetraError, rpcFailure } from "./errors.ts";
import type { Followers } from "./followers.ts";
import { SPOKEN_VERSION } from "./handshake.ts";
import type { ResolvedOptions } from "./options.ts";
import { backoffMs } from "./retry.ts";
import { REFRESH_MARGIN_MS, type AccessToken } from "./tokens.ts";
import type { Initialized, SubscriptionAnswer, ThreadEvent } from "./wire.ts";

const REFRESH_RETRY_MS = 5_000;

/** One open connection from `initialize` to its end, with the timers that keep it healthy. */
export class LiveSession {
  readonly #options: ResolvedOptions;
  readonly #followers: Followers;
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
    this.#followers = followers;
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
        subscriptions: this.#followers.threadIds.map((id) => this.#followers.request(id)),
      },
      timeouts.initializeMs,
      (result) => {
        initialized = result as Initialized;
        for (const answer of initialized.subscriptions) {
          if (!mayPass(answer)) this.#followers.answered(answer);
        }
      },
    );
    if (initialized === null) throw new NetraError("protocol_violation", "No answer.", { retry: "backoff" });
    connection.maxFrameBytes = (initialized as Initialized).limits.maxFrameBytes;
    this.#initialized = true;
    // Threads that were followed while `initialize` was in flight, and those that a busy store
    // refused: every socket of a deploy reconnects in the same seconds.
    const answered = (initialized as Initialized).subscriptions.filter((one) => !mayPass(one));
    for (const threadId of this.#followers.threadIds) {
      if (!answered.some((one) => one.threadId === threadId)) this.subscribe(threadId);
    }
    this.#schedulePing();
    this.#scheduleRefresh(this.#token.expiresAt - REFRESH_MARGIN_MS - Date.now());
    return initialized;
  }

  readonly onNotification = (method: string, params: Record<string, unknown>): void => {
    switch (method) {
      case "thread.event": {
        const event = params as unknown as ThreadEvent;
        if (this.#followers.deliver(event)) this.subscribe(event.threadId);
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

  subscribe(threadId: string, failures = 0): void {
    if (!this.#initialized || this.#connection === null) return; // `start` sends the whole list
    const { timeouts, random, policy } = this.#options;
    this.#connection
      .call("thread.subscribe", this.#followers.request(threadId), timeouts.replyMs, (result) => {
        this.#followers.answered(result as SubscriptionAnswer);
      })
      .catch((reason: unknown) => {
        const error = asNetraError(reason);
        if (!this.#followers.has(threadId) || this.#connection?.isOpen !== true) return;
        if (error.retry === "never") {
          const data = { code: error.code, retry: error.retry };
          this.#followers.answered({ threadId, error: { code: 0, message: error.message, data } });
          return;
        }
        const pause = (error.retryAfterMs ?? 0) + backoffMs(failures + 1, random(), policy);
        this.#later(pause, () => this.subscribe(threadId, failures + 1));
      });
  }

  unsubscribe(threadId: string): void {
    if (this.#initialized) this.#quietly("thread.unsubscribe", { threadId });
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

  #quietly(method: string, params: object): void {
    // A lost answer does no harm: the next connection sends the whole list.
    this.#connection?.call(method, params, this.#options.timeouts.replyMs).catch(() => undefined);
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

/** Whether a resumed subscription was refused for a moment only. */
function mayPass(answer: SubscriptionAnswer): boolean {
  return "error" in answer && rpcFailure(answer.error).retry !== "never";
}
