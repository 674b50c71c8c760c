import type { Connection } from "./connection.ts";
import { asNetraError, blamesAFrame, NetraError } from "./errors.ts";
import { Followers, type ThreadListener } from "./followers.ts";
import { Keeper } from "./keeper.ts";
import { resolveOptions, type ClientOptions, type ResolvedOptions } from "./options.ts";
import type { ConnectionState } from "./state.ts";
import type { StartedRun } from "./wire.ts";

/** A server answers every command within 10 s, so a command that two connections left open will not be answered. */
const MAX_UNANSWERED = 2;

/** A message to send. All ids are UUIDs made by the client. */
export interface RunOrder {
  readonly threadId: string;
  readonly commandId: string;
  readonly message: { readonly id: string; readonly content: string };
  readonly onBusy?: "reject" | "interrupt";
  /**
   * The message before the new one, null for the first of the thread; absent, the end of the active
   * branch. An edit is a new message with the parent of the edited one: it starts a branch.
   */
  readonly parentId?: string | null;
  /** Answer the stored message `message.id` again, in a branch; its content is ignored. */
  readonly regenerate?: boolean;
}

/** A person's answer to one interrupt (AG-UI's resume entry). Nothing but `approved: true` makes a call. */
export interface InterruptAnswer {
  readonly interruptId: string;
  readonly status: "resolved" | "cancelled";
  readonly payload?: { readonly approved: boolean; readonly reason?: string; readonly editedArgs?: object };
}

/** Answers to every interrupt of a thread's paused run, together. */
export interface ResumeOrder {
  readonly threadId: string;
  readonly commandId: string;
  readonly resume: readonly InterruptAnswer[];
}

/**
 * The platform over one socket: reconnects, resumes, renews its token, sends each command once.
 *
 * ```ts
 * const client = new NetraClient({ origin: location.origin, tokens: session });
 * client.start();
 * const stop = client.follow(threadId, { onEvent, onReset });
 * await client.startRun({ threadId, commandId, message: { id, content: "What is a close code?" } });
 * ```
 */
export class NetraClient {
  readonly #options: ResolvedOptions;
  readonly #followers = new Followers();
  readonly #keeper: Keeper;
  readonly #listeners = new Set<(state: ConnectionState) => void>();
  readonly #notifications = new Set<(method: string, params: Record<string, unknown>) => void>();
  #state: ConnectionState = { kind: "idle" };
  #alone: Promise<void> = Promise.resolve();

  constructor(options: ClientOptions) {
    this.#options = resolveOptions(options);
    this.#keeper = new Keeper(this.#options, this.#followers, {
      onState: (state) => {
        this.#state = state;
        for (const listener of [...this.#listeners]) listener(state);
      },
      onNotification: (method, params) => {
        for (const listener of [...this.#notifications]) listener(method, params);
      },
    });
  }

  get state(): ConnectionState {
    return this.#state;
  }

  /** Starts to connect, and keeps connected until `close`. */
  start(): void {
    this.#keeper.start();
  }

  /** Closes the socket in order; commands in flight are rejected with `closed`. */
  close(): void {
    this.#keeper.close(null);
  }

  /** Skips the present wait for a reconnect: a person asked. */
  reconnectNow(): void {
    this.#keeper.hurry();
  }

  /** Calls `listener` after every change of `state`; returns what stops that. */
  watch(listener: (state: ConnectionState) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Calls `listener` for notifications that concern no thread; returns what stops that. */
  onNotification(listener: (method: string, params: Record<string, unknown>) => void): () => void {
    this.#notifications.add(listener);
    return () => this.#notifications.delete(listener);
  }

  /** Follows a thread until the returned function is called. */
  follow(threadId: string, listener: ThreadListener): () => void {
    const remove = this.#followers.add(threadId, listener);
    this.#keeper.subscribe(threadId);
    return () => {
      if (remove()) this.#keeper.unsubscribe(threadId);
    };
  }

  /**
   * Sends a message. Sent again after a lost connection; executed once, by its command id.
   *
   * @throws NetraError `run_busy`, `thread_not_found`, `message_too_large`, `deadline_passed`, ...
   */
  async startRun(order: RunOrder): Promise<StartedRun> {
    return (await this.command("run.start", { onBusy: "reject", ...order })) as StartedRun;
  }

  /**
   * Answers a paused run; another run continues from there. Executed once, by its command id.
   *
   * @throws NetraError `answer_refused`, `nothing_to_answer`, `thread_not_found`, ...
   */
  async resumeRun(order: ResumeOrder): Promise<{ runId: string; threadId: string }> {
    return (await this.command("run.resume", order)) as { runId: string; threadId: string };
  }

  /** Asks a run to end, from whichever connection; returns its status. */
  async cancelRun(runId: string): Promise<string> {
    const answer = (await this.command("run.cancel", { runId })) as { status: string };
    return answer.status;
  }

  /**
   * Sends a command that may be sent twice, and waits for connections within `commandMs`.
   *
   * @throws NetraError the server's refusal, `deadline_passed`, `command_unanswered` (two working
   *   connections did not answer it), the name of a close code (two connections closed because of
   *   it), or why the client is closed
   */
  async command(method: string, params: object): Promise<unknown> {
    const giveUpAt = Date.now() + this.#options.timeouts.commandMs;
    let unanswered = 0;
    let isSuspect = false;
    for (;;) {
      const leave = await this.#turn(isSuspect);
      try {
        const remaining = giveUpAt - Date.now();
        const connection = await this.#readyWithin(remaining);
        try {
          return await connection.call(method, params, Math.min(remaining, this.#options.timeouts.replyMs));
        } catch (reason) {
          const error = asNetraError(reason);
          const lost = !connection.isOpen || error.code === "deadline_passed" || error.code === "draining";
          if (!lost || Date.now() >= giveUpAt) throw error;
          if (error.code === "deadline_passed" && connection.isOpen) {
            unanswered += 1;
            if (unanswered >= MAX_UNANSWERED) throw unansweredTwice(method);
            connection.abort("connection_lost", "A command was not answered in time.");
          }
          if (error.code === "draining") this.#keeper.hurry();
          if (blamesAFrame(await connection.ended)) {
            if (isSuspect) throw setAside(method, await connection.ended);
            isSuspect = true;
          }
        }
      } finally {
        leave();
      }
    }
  }

  /**
   * Waits until no command is sent alone. A command that was in flight when the server closed because
   * of a frame is repeated alone, so that the next such close identifies it.
   */
  async #turn(alone: boolean): Promise<() => void> {
    const before = this.#alone;
    if (!alone) {
      await before;
      return () => undefined;
    }
    let leave = (): void => undefined;
    this.#alone = new Promise((resolve) => {
      leave = resolve;
    });
    await before;
    return leave;
  }

  async #readyWithin(ms: number): Promise<Connection> {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const deadline = new Promise<never>((_resolve, reject) => {
      timer = setTimeout(
        () => reject(new NetraError("deadline_passed", "There is no connection at present.", { retry: "backoff" })),
        Math.max(0, ms),
      );
    });
    try {
      return await Promise.race([this.#keeper.ready(), deadline]);
    } finally {
      clearTimeout(timer);
    }
  }
}

function unansweredTwice(method: string): NetraError {
  return new NetraError("command_unanswered", `The server answered other commands and twice not ${method}.`, { retry: "never" });
}

function setAside(method: string, error: NetraError): NetraError {
  return new NetraError(error.code, `The server closes the connection when it gets this ${method}. ${error.message}`, { retry: "never" });
}
