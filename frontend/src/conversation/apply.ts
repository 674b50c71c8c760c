// From AG-UI events to an answer: pure, one event at a time.

import type { Interrupt } from "@ag-ui/core";

import type { TokenUsage } from "../netra-client/threads";
import type { Answer, Part, ReasoningPart, TextPart, ToolPart } from "./model";

type Event = { readonly type: string } & Record<string, unknown>;

/** Returns `answer` after `event`, which happened at `now` (Unix ms); the same object if nothing changed. */
export function applyEvent(before: Answer, event: Event, now: number): Answer {
  const answer = before.waiting === null ? before : { ...before, waiting: null }; // it continues
  const at = typeof event["timestamp"] === "number" ? event["timestamp"] : now;
  switch (event.type) {
    case "TEXT_MESSAGE_START":
      return addPart(answer, { kind: "text", id: text(event, "messageId"), text: "", open: true });
    case "TEXT_MESSAGE_CONTENT":
      return change(answer, "text", text(event, "messageId"), (part) => ({ ...part, text: part.text + text(event, "delta") }));
    case "TEXT_MESSAGE_END":
      return change(answer, "text", text(event, "messageId"), (part) => ({ ...part, open: false }));
    case "REASONING_MESSAGE_START":
      return addPart(answer, {
        kind: "reasoning", id: text(event, "messageId"), text: "", open: true, startedAt: at, endedAt: null,
      });
    case "REASONING_MESSAGE_CONTENT":
      return change(answer, "reasoning", text(event, "messageId"), (part) => ({ ...part, text: part.text + text(event, "delta") }));
    case "REASONING_MESSAGE_END":
      return change(answer, "reasoning", text(event, "messageId"), (part) => ({ ...part, open: false, endedAt: at }));
    case "TOOL_CALL_START":
      return addPart(answer, {
        kind: "tool", id: text(event, "toolCallId"), name: text(event, "toolCallName"), args: "",
        result: null, open: true, startedAt: at, endedAt: null,
      });
    case "TOOL_CALL_ARGS":
      return change(answer, "tool", text(event, "toolCallId"), (part) => ({ ...part, args: part.args + text(event, "delta") }));
    case "TOOL_CALL_RESULT":
      return change(answer, "tool", text(event, "toolCallId"), (part) => ({
        ...part, result: contentText(event["content"]), open: false, endedAt: at,
      }));
    case "CUSTOM":
      return applyCustom(answer, event["name"], event["value"]);
    case "RUN_FINISHED":
      return finish(answer, event, at);
    case "RUN_ERROR":
      return {
        ...closeParts(answer, at), status: "failed", finishedAt: at, usage: usageOf(event) ?? answer.usage,
        error: { code: text(event, "code") || "run_failed", message: text(event, "message") },
      };
    default:
      return answer; // an event of a newer server, or one that shows nothing
  }
}

function applyCustom(answer: Answer, name: unknown, value: unknown): Answer {
  if (name === "netra.restarted") return withoutVoid(answer, value);
  if (name === "netra.waiting") {
    const { reason, until } = value as { reason?: string; until?: number | null };
    return { ...answer, waiting: { reason: reason ?? "", until: until ?? null } };
  }
  if (name === "netra.compacted") {
    const { messages, omitted } = value as { messages?: number; omitted?: number };
    const trimmed = omitted ? { omitted, shortened: 0 } : answer.trimmed;
    return { ...answer, summarised: messages ?? 0, trimmed };
  }
  if (name !== "netra.historyTrimmed") return answer;
  const { omitted, shortened } = value as { omitted?: number; shortened?: number };
  return { ...answer, trimmed: { omitted: omitted ?? 0, shortened: shortened ?? 0 } };
}

function finish(answer: Answer, event: Event, at: number): Answer {
  const outcome = event["outcome"] as { type?: string; interrupts?: Interrupt[] } | undefined;
  const status = outcome?.type === "cancelled" ? "cancelled" : outcome?.type === "interrupt" ? "interrupted" : "completed";
  return {
    ...closeParts(answer, at), status, finishedAt: at, usage: usageOf(event) ?? answer.usage,
    interrupts: outcome?.interrupts ?? [],
    finishReason: status === "completed" ? finishReasonOf(event["metadata"]) : null,
  };
}

function finishReasonOf(metadata: unknown): Answer["finishReason"] {
  const reason = (metadata as { finishReason?: unknown } | undefined)?.finishReason;
  return reason === "length" || reason === "content_filter" ? reason : "stop";
}

/** Another instance started the interrupted part of the answer again: its replacement follows. */
function withoutVoid(answer: Answer, value: unknown): Answer {
  const restarted = value as { messages?: Record<string, string>; toolCalls?: Record<string, string> } | undefined;
  const gone = (part: Part): boolean =>
    part.id in ((part.kind === "tool" ? restarted?.toolCalls : restarted?.messages) ?? {});
  return { ...answer, parts: answer.parts.filter((part) => !gone(part)) };
}

function closeParts(answer: Answer, at: number): Answer {
  if (!answer.parts.some((part) => part.open)) return answer;
  const parts = answer.parts.map((part): Part => {
    if (!part.open) return part;
    return part.kind === "text" ? { ...part, open: false } : { ...part, open: false, endedAt: at };
  });
  return { ...answer, parts };
}

function addPart(answer: Answer, part: Part): Answer {
  // A model may return to a part that it had left: the part continues.
  const known = answer.parts.findIndex((one) => one.kind === part.kind && one.id === part.id);
  if (known < 0) return { ...answer, parts: [...answer.parts, part] };
  return replaceAt(answer, known, { ...answer.parts[known], open: true } as Part);
}

interface PartOf {
  text: TextPart;
  reasoning: ReasoningPart;
  tool: ToolPart;
}

function change<K extends Part["kind"]>(
  answer: Answer,
  kind: K,
  id: string,
  next: (part: PartOf[K]) => PartOf[K],
): Answer {
  for (let index = answer.parts.length - 1; index >= 0; index -= 1) {
    const part = answer.parts[index];
    if (part?.kind === kind && part.id === id) return replaceAt(answer, index, next(part as PartOf[K]));
  }
  return answer;
}

function replaceAt(answer: Answer, index: number, part: Part): Answer {
  return { ...answer, parts: answer.parts.with(index, part) };
}

function text(event: Event, name: string): string {
  const value = event[name];
  return typeof value === "string" ? value : "";
}

/** Returns the text of a message's content, which may be a list of typed pieces. */
export function contentText(content: unknown): string {
  if (typeof content === "string") return content;
  if (!Array.isArray(content)) return content === undefined || content === null ? "" : JSON.stringify(content);
  return content.map((piece: { text?: string }) => piece.text ?? "").join("");
}

function usageOf(event: Event): readonly TokenUsage[] | null {
  const usage = event["usage"];
  return Array.isArray(usage) && usage.length > 0 ? (usage as TokenUsage[]) : null;
}
