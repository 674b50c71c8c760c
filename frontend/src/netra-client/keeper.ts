import { Connection } from "./connection.ts";
import { asNetraError, blamesAFrame, NetraError } from "./errors.ts";
import type { Followers } from "./followers.ts";
import { offerTicket, offerToken, socketUrl } from "./handshake.ts";
import type { ResolvedOptions } from "./options.ts";
import { nextStep } from "./retry.ts";
import { LiveSession } from "./live-session.ts";
import type { ConnectionState } from "./state.ts";

export interface KeeperEvents {
  onState(state: ConnectionState): void;
  onNotification(method: string, params: Record<string, unknown>): void;
}

// Closes in a row that blame a frame, before the client is at fault and not one command, which is
// set aside after two.
const MAX_FRAME_CLOSES = 8;

/** Keeps one connection: opens it, replaces it when it ends, stops after a permanent refusal. */
export class Keeper {
  readonly #options: ResolvedOptions;
  readonly #followers: Followers;
  readonly #events: KeeperEvents;
  #session: LiveSession | null = null;
  #closed: NetraError | null = null;
  #running = false;
  #wake: () => void = () => undefined;
  #waitingForReady: { resolve(c: Connection): void; reject(e: NetraError): void }[] = [];
  #unwatch: () => void = () => undefined;

  constructor(options: ResolvedOptions, followers: Followers, events: KeeperEvents) {
    this.#options = options;
    this.#followers = followers;
    this.#events = events;
  }

  start(): void {
    if (this.#running || this.#closed !== null) return;
    this.#running = true;
    this.#unwatch = this.#options.surroundings.watch((change) => {
      if (change === "offline") this.#session?.abort("offline", "The machine is offline.");
      else if (change !== "hidden") {
        this.#session?.prove(); // after a sleep the socket may be dead without knowing it
        this.hurry();
      }
    });
    void this.#keep();
  }

  /** Ends the present wait. */
  hurry(): void {
    this.#session?.leaveNow();
    this.#wake();
  }

  close(error: NetraError | null): void {
    if (this.#closed !== null) return;
    this.#closed = error ?? new NetraError("closed", "The client was closed.", { retry: "never" });
    this.#unwatch();
    this.#session?.close();
    for (const waiting of this.#waitingForReady) waiting.reject(this.#closed);
    this.#waitingForReady = [];
    this.#wake();
    this.#events.onState({ kind: "closed", error });
  }

  /** Returns a connection that accepts commands, as soon as there is one. */
  ready(): Promise<Connection> {
    if (this.#closed !== null) return Promise.reject(this.#closed);
    const connection = this.#session?.commandable;
    if (connection) return Promise.resolve(connection);
    // One person's click does not crowd: leave a draining connection, or a wait, for it.
    if (this.#session !== null) this.#session.leaveNow();
    return new Promise((resolve, reject) => this.#waitingForReady.push({ resolve, reject }));
  }

  subscribe(threadId: string): void {
    this.#session?.subscribe(threadId);
  }

  unsubscribe(threadId: string): void {
    this.#session?.unsubscribe(threadId);
  }

  async #keep(): Promise<void> {
    let failures = 0;
    let refused: string | undefined;
    let frameCloses = 0;
    while (this.#closed === null) {
      if (!this.#options.surroundings.isOnline()) {
        this.#events.onState({ kind: "offline" });
        await this.#sleep(this.#options.policy.capMs);
        if (!this.#options.surroundings.isOnline()) continue;
      }
      this.#events.onState({ kind: "connecting", attempt: failures + 1 });
      const attempt = await this.#connectOnce(refused);
      if (this.#isClosed()) return;
      if (attempt.liveMs >= this.#options.policy.stableMs) failures = frameCloses = 0;
      if (attempt.liveMs > 0) refused = undefined;
      if (attempt.agreedDelayMs !== null) {
        await this.#pause(attempt.agreedDelayMs, attempt.error);
        continue;
      }
      failures += 1;
      if (attempt.isOfACommand && (frameCloses += 1) <= MAX_FRAME_CLOSES) {
        await this.#pause(this.#options.policy.firstMs, attempt.error);
        continue;
      }
      const { random, policy } = this.#options;
      const step = nextStep(attempt.error, failures, random(), refused !== undefined, policy);
      if (step.kind === "give-up") {
        this.close(step.error);
        return;
      }
      if (step.refresh) refused = attempt.token;
      if (this.#options.surroundings.isOnline()) await this.#pause(step.delayMs, attempt.error);
    }
  }

  async #connectOnce(refused: string | undefined): Promise<{
    error: NetraError;
    liveMs: number;
    agreedDelayMs: number | null;
    /** The close concerns a command in flight, and not this client. */
    isOfACommand?: boolean;
    token?: string;
  }> {
    let token: string | undefined;
    let session: LiveSession | null = null;
    let liveSince = 0;
    try {
      const access = await this.#options.tokens.token(refused);
      token = access.value;
      const { fetchTicket, timeouts, Socket, origin } = this.#options;
      const offer = fetchTicket ? offerTicket(await fetchTicket(token)) : offerToken(token);
      session = new LiveSession(this.#options, this.#followers, access, this.#events.onNotification);
      const notified = session.onNotification;
      const connection = await Connection.open(Socket, socketUrl(origin), offer, timeouts.openMs, notified);
      if (this.#isClosed()) {
        connection.close();
        throw this.#closed;
      }
      this.#session = session;
      const initialized = await session.start(connection);
      liveSince = Date.now();
      const { connectionId, instanceId, revision } = initialized;
      this.#events.onState({ kind: "live", connectionId, instanceId, revision });
      for (const waiting of this.#waitingForReady.splice(0)) waiting.resolve(connection);
      const error = await connection.ended;
      return {
        error, token, liveMs: Math.max(1, Date.now() - liveSince), agreedDelayMs: session.agreedDelayMs,
        isOfACommand: connection.unanswered > 0 && blamesAFrame(error),
      };
    } catch (reason) {
      session?.close();
      const result = { error: asNetraError(reason), liveMs: 0, agreedDelayMs: null };
      return token === undefined ? result : { ...result, token };
    } finally {
      session?.stop();
      this.#session = null;
      this.#followers.detachAll();
    }
  }

  async #pause(ms: number, cause: NetraError): Promise<void> {
    if (this.#waitingForReady.length > 0 && cause.retry === "now") return;
    if (ms > 0) {
      this.#events.onState({ kind: "waiting", until: Date.now() + ms, cause });
      await this.#sleep(ms);
    }
  }

  #sleep(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  /** A method, because the compiler cannot know that an `await` lets others close the client. */
  #isClosed(): boolean {
    return this.#closed !== null;
  }
}
