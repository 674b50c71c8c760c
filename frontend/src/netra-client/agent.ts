import { AbstractAgent, type AgentConfig, type BaseEvent, type RunAgentInput } from "@ag-ui/client";
import type { AgentCapabilities, UserMessage } from "@ag-ui/core";
import { Observable } from "rxjs";

import type { InterruptAnswer, NetraClient } from "./client.ts";
import { asNetraError, NetraError } from "./errors.ts";

/**
 * A Netra thread as an AG-UI agent, for every user interface that takes one:
 *
 * ```ts
 * const agent = new NetraAgent(client, { threadId });
 * agent.addMessage({ id: crypto.randomUUID(), role: "user", content: "What is a close code?" });
 * await agent.runAgent();
 * ```
 *
 * A lost socket is invisible here: the stream resumes where it was. Unsubscribing stops nothing,
 * `abortRun` does. History stays on the server: of `messages`, only the last user message is sent.
 */
export class NetraAgent extends AbstractAgent {
  readonly #client: NetraClient;
  #runId: string | null = null;

  constructor(client: NetraClient, config: AgentConfig & { threadId: string }) {
    super(config);
    this.#client = client;
  }

  run(input: RunAgentInput): Observable<BaseEvent> {
    return new Observable<BaseEvent>((subscriber) => {
      const send = this.#sender(input);
      if (send === null) {
        subscriber.error(new NetraError("nothing_to_send", "The last message is not the user's.", { retry: "never" }));
        return undefined;
      }
      let runId: string | null = null;
      const early: { runId: string; event: BaseEvent }[] = []; // events may arrive before the answer
      const emit = (item: { runId: string; event: BaseEvent }): void => {
        if (item.runId !== runId) return;
        subscriber.next(item.event);
        if (isTerminal(item.event)) {
          this.#runId = null;
          subscriber.complete();
        }
      };
      const stop = this.#client.follow(input.threadId, {
        onEvent: (item) => (runId === null ? void early.push(item) : emit(item)),
        onReset: ({ reason }) => {
          if (runId !== null) subscriber.error(lostTrack(reason));
        },
        onRefused: (error) => subscriber.error(error),
      });
      send().then(
        (started) => {
          runId = this.#runId = started.runId;
          for (const item of early.splice(0)) emit(item);
        },
        (reason: unknown) => subscriber.error(asNetraError(reason)),
      );
      return stop;
    });
  }

  /** Returns what starts the run: answers to interrupts if there are any, else the last message. */
  #sender(input: RunAgentInput): (() => Promise<{ runId: string }>) | null {
    const commandId = crypto.randomUUID();
    if (input.resume && input.resume.length > 0) {
      const resume = input.resume as readonly InterruptAnswer[];
      return () => this.#client.resumeRun({ threadId: input.threadId, commandId, resume });
    }
    const order = orderFor(input, commandId);
    return order === null ? null : () => this.#client.startRun(order);
  }

  /** Reattaches to the thread's active run, from its first event; completes immediately without one. */
  protected override connect(input: RunAgentInput): Observable<BaseEvent> {
    return new Observable<BaseEvent>((subscriber) => {
      const stop = this.#client.follow(input.threadId, {
        onEvent: ({ runId, event }) => {
          if (runId !== this.#runId) return;
          subscriber.next(event);
          if (isTerminal(event)) {
            this.#runId = null;
            subscriber.complete();
          }
        },
        onReset: ({ activeRunId, reason }) => {
          if (this.#runId !== null) subscriber.error(lostTrack(reason));
          else if (activeRunId === null) subscriber.complete();
          else this.#runId = activeRunId;
        },
        onRefused: (error) => subscriber.error(error),
      });
      return stop;
    });
  }

  /** Stops the run on the server, from any connection. */
  override abortRun(): void {
    if (this.#runId !== null) void this.#client.cancelRun(this.#runId).catch(() => undefined);
  }

  override clone(): NetraAgent {
    const { agentId, description, threadId } = this;
    const copy = new NetraAgent(this.#client, {
      threadId,
      description,
      ...(agentId === undefined ? {} : { agentId }),
      initialMessages: structuredClone(this.messages),
      initialState: structuredClone(this.state) as unknown,
    });
    copy.pendingInterrupts = structuredClone(this.pendingInterrupts);
    return copy;
  }

  override getCapabilities(): Promise<AgentCapabilities> {
    return Promise.resolve({
      transport: { streaming: true, websocket: true, resumable: true },
      humanInTheLoop: { supported: true, approvals: true, interrupts: true, approveWithEdits: true },
    });
  }
}

function orderFor(input: RunAgentInput, commandId: string): Parameters<NetraClient["startRun"]>[0] | null {
  const last = input.messages.at(-1) as UserMessage | undefined;
  if (last?.role !== "user" || typeof last.content !== "string") return null;
  return {
    threadId: input.threadId,
    commandId,
    message: { id: last.id, content: last.content },
  };
}

function isTerminal(event: BaseEvent): boolean {
  return event.type === "RUN_FINISHED" || event.type === "RUN_ERROR";
}

function lostTrack(reason: string): NetraError {
  return new NetraError("history_reset", `The run's events cannot be followed (${reason}); reload the messages.`, {
    retry: "backoff",
  });
}
