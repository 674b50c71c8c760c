// A thread as it is shown: what people wrote and what agents answered, step by step.

import type { Interrupt } from "@ag-ui/core";

import type { Decision, Siblings, TokenUsage } from "../netra-client/threads";

export interface TextPart {
  readonly kind: "text";
  readonly id: string;
  readonly text: string;
  readonly open: boolean;
}

/** Times are Unix ms; null when they are not known. */
export interface ReasoningPart {
  readonly kind: "reasoning";
  readonly id: string;
  readonly text: string;
  readonly open: boolean;
  readonly startedAt: number | null;
  readonly endedAt: number | null;
}

export interface ToolPart {
  readonly kind: "tool";
  readonly id: string;
  readonly name: string;
  readonly args: string;
  readonly result: string | null;
  readonly open: boolean;
  readonly startedAt: number | null;
  readonly endedAt: number | null;
}

export type Part = TextPart | ReasoningPart | ToolPart;

export type AnswerStatus = "running" | "completed" | "cancelled" | "interrupted" | "failed";

export interface Answer {
  readonly kind: "answer";
  readonly id: string;
  readonly runId: string;
  readonly parts: readonly Part[];
  readonly status: AnswerStatus;
  readonly error: { readonly code: string; readonly message: string } | null;
  readonly usage: readonly TokenUsage[] | null;
  readonly interrupts: readonly Interrupt[];
  /** What the owner answered to the interrupts; empty while they wait. */
  readonly decisions: readonly Decision[];
  /** Why the model stopped; null while it runs, and when it is not known. */
  readonly finishReason: "stop" | "length" | "content_filter" | null;
  /** What the model did not get of the conversation; null when it got everything. */
  readonly trimmed: { readonly omitted: number; readonly shortened: number } | null;
  /** How many earlier messages the model got as a summary only; 0 for none. */
  readonly summarised: number;
  /** Why it does not continue at present, and until when (Unix ms), if that is known; null while it does. */
  readonly waiting: { readonly reason: string; readonly until: number | null } | null;
  /** The first stored message, which names this branch; null until the answer is stored. */
  readonly messageId: string | null;
  readonly siblings: Siblings | null;
  readonly startedAt: number | null;
  readonly finishedAt: number | null;
}

export interface Question {
  readonly kind: "question";
  readonly id: string;
  readonly text: string;
  readonly createdAt: number;
  /** Undefined until it is stored, and from servers without branches. */
  readonly parentId?: string | null;
  readonly siblings?: Siblings | null;
}

export type Item = Question | Answer;

/** Returns an answer of which nothing is known but its run. */
export function emptyAnswer(runId: string, startedAt: number | null): Answer {
  return {
    kind: "answer", id: `run-${runId}`, runId, parts: [], status: "running", error: null, usage: null,
    interrupts: [], decisions: [], finishReason: null, trimmed: null, summarised: 0, waiting: null, messageId: null, siblings: null, startedAt, finishedAt: null,
  };
}

/** Returns everything that the agent said, as Markdown. */
export function answerText(answer: Answer): string {
  return answer.parts.flatMap((part) => (part.kind === "text" ? [part.text] : [])).join("\n\n");
}

/** Returns since when a step runs (Unix ms): a call that needs approval runs after it, and never when it was declined. */
export function runsFrom(answer: Answer, part: ToolPart | ReasoningPart): number | null {
  const decision = answer.decisions.find((one) => one.toolCallId === part.id);
  if (decision !== undefined) return decision.outcome === "approved" ? Date.parse(decision.decidedAt) : null;
  return answer.interrupts.some((one) => one.toolCallId === part.id) ? null : part.startedAt;
}
