// From stored messages and runs to items: the same shape that watching the run would have built.

import type { Run, StoredMessage } from "../netra-client/threads";
import { contentText } from "./apply";
import { emptyAnswer, type Answer, type AnswerStatus, type Item, type Part, type Question } from "./model";

interface ToolCall {
  readonly id: string;
  readonly function: { readonly name: string; readonly arguments: string };
}

/**
 * Returns the items of `messages` (oldest first). The newest run of a question appears after it also
 * when it stored nothing, because it failed or was stopped early.
 */
export function itemsOf(messages: readonly StoredMessage[], runs: ReadonlyMap<string, Run>): Item[] {
  const items: Item[] = [];
  const stored = new Set(messages.map((message) => message.runId));
  const newest = newestRuns(runs);
  let answer: Answer | null = null;
  const flush = (): void => {
    if (answer !== null) items.push(answer);
    answer = null;
  };
  for (const message of messages) {
    if (message.role === "user") {
      flush();
      items.push(questionOf(message));
      const run = newest.get(message.id);
      if (run !== undefined && !stored.has(run.id) && WITHOUT_MESSAGES.has(run.status)) items.push(withRun(emptyAnswer(run.id, null), run));
      continue;
    }
    const runId = message.runId ?? message.id;
    if (answer === null || (answer as Answer).runId !== runId) {
      flush();
      const known = { messageId: message.id, siblings: message.siblings ?? null };
      answer = withRun({ ...emptyAnswer(runId, null), ...known, status: "completed" }, runs.get(runId));
    }
    if (message.role === "tool" && giveResult(items, message)) continue;
    answer = { ...(answer as Answer), parts: addMessage((answer as Answer).parts, message) };
  }
  flush();
  return items.map((item) => (item.kind === "answer" ? withTimes(item, runs) : item));
}

/** The result of an approved call is in the run that continued: so is the time of its end. */
function withTimes(answer: Answer, runs: ReadonlyMap<string, Run>): Answer {
  const own = runs.get(answer.runId);
  const continued = own?.decisions ? [...runs.values()].find((run) => run.parentRunId === answer.runId) : undefined;
  if (!own?.stepTimes && !continued?.stepTimes) return answer;
  const parts = answer.parts.map((part): Part => {
    if (part.kind === "text") return part;
    const [startedAt = null, endedAt = null] = own?.stepTimes?.[part.id] ?? [];
    return { ...part, startedAt, endedAt: continued?.stepTimes?.[part.id]?.[1] ?? endedAt };
  });
  return { ...answer, parts };
}

function questionOf(message: StoredMessage): Question {
  return {
    kind: "question", id: message.id, text: contentText(message.content), createdAt: Date.parse(message.createdAt),
    ...(message.parentId === undefined ? {} : { parentId: message.parentId, siblings: message.siblings ?? null }),
  };
}

/** A run that ended so may have no message. One of another status has, unless it is in another branch. */
const WITHOUT_MESSAGES: ReadonlySet<string> = new Set(["failed", "cancelled"]);

/** Returns the newest run of each question. */
function newestRuns(runs: ReadonlyMap<string, Run>): ReadonlyMap<string, Run> {
  const newest = new Map<string, Run>();
  for (const run of runs.values()) {
    const known = newest.get(run.messageId);
    if (known === undefined || known.createdAt < run.createdAt) newest.set(run.messageId, run);
  }
  return newest;
}

/** A call that a person approved was made by an earlier run; its result belongs to that call. */
function giveResult(items: Item[], message: StoredMessage): boolean {
  if (message.role !== "tool") return false;
  const place = items.findLastIndex((item) => item.kind === "answer" && hasCall(item, message.toolCallId));
  const item = items[place];
  if (item?.kind !== "answer") return false;
  items[place] = { ...item, parts: addMessage(item.parts, message) };
  return true;
}

/** Whether `answer` made the tool call. */
export function hasCall(answer: Answer, toolCallId: string): boolean {
  return answer.parts.some((part) => part.kind === "tool" && part.id === toolCallId);
}

function addMessage(parts: readonly Part[], message: StoredMessage): readonly Part[] {
  if (message.role === "tool") {
    return parts.map((part) =>
      part.kind === "tool" && part.id === message.toolCallId ? { ...part, result: contentText(message.content) } : part,
    );
  }
  const added: Part[] = [];
  const text = contentText(message.content);
  if (message.role === "reasoning") {
    added.push({ kind: "reasoning", id: message.id, text, open: false, startedAt: null, endedAt: null });
  } else if (message.role === "assistant") {
    if (text) added.push({ kind: "text", id: message.id, text, open: false });
    for (const call of ((message as { toolCalls?: ToolCall[] }).toolCalls ?? [])) {
      added.push({
        kind: "tool", id: call.id, name: call.function.name, args: call.function.arguments, result: null,
        open: false, startedAt: null, endedAt: null,
      });
    }
  }
  return [...parts, ...added];
}

function withRun(answer: Answer, run: Run | undefined): Answer {
  if (run === undefined) return answer;
  const status: AnswerStatus = run.status;
  return {
    ...answer,
    status,
    usage: run.usage,
    interrupts: run.interrupts ?? [],
    decisions: run.decisions ?? [],
    finishReason: run.finishReason ?? null,
    error: status === "failed" ? { code: run.errorCode ?? "run_failed", message: "" } : null,
    startedAt: Date.parse(run.createdAt),
    finishedAt: run.finishedAt === null ? null : Date.parse(run.finishedAt),
  };
}
