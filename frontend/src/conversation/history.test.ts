// A reload shows what watching had shown.

import { describe, expect, it } from "vitest";

import type { Run, StoredMessage } from "../netra-client/threads";
import { applyEvent } from "./apply";
import { itemsOf } from "./history";
import { emptyAnswer, type Answer } from "./model";

const AT = "2026-01-01T00:00:00Z";
const message = (body: object): StoredMessage => ({ runId: "r", createdAt: AT, ...body }) as unknown as StoredMessage;
const run = (change: Partial<Run> = {}): Run => ({
  id: "r", threadId: "t", messageId: "q", status: "completed", errorCode: null, model: "m", usage: null,
  traceId: null, createdAt: AT, finishedAt: AT, ...change,
});
const QUESTION = message({ id: "q", role: "user", content: "hello", runId: null });

function watched(...events: ({ type: string } & Record<string, unknown>)[]): Answer {
  return events.reduce((answer, event) => applyEvent(answer, event, 0), emptyAnswer("r", 0));
}

describe("itemsOf", () => {
  it("builds the answer that watching the run has built", () => {
    const seen = watched(
      { type: "REASONING_MESSAGE_START", messageId: "a" },
      { type: "REASONING_MESSAGE_CONTENT", messageId: "a", delta: "hm" },
      { type: "REASONING_MESSAGE_END", messageId: "a" },
      { type: "TOOL_CALL_START", toolCallId: "c", toolCallName: "look", parentMessageId: "b" },
      { type: "TOOL_CALL_ARGS", toolCallId: "c", delta: '{"x":' },
      { type: "TOOL_CALL_ARGS", toolCallId: "c", delta: "1}" },
      { type: "TOOL_CALL_END", toolCallId: "c" },
      { type: "TOOL_CALL_RESULT", toolCallId: "c", messageId: "d", content: "found" },
      { type: "TEXT_MESSAGE_START", messageId: "e" },
      { type: "TEXT_MESSAGE_CONTENT", messageId: "e", delta: "It is " },
      { type: "TEXT_MESSAGE_CONTENT", messageId: "e", delta: "one." },
      { type: "TEXT_MESSAGE_END", messageId: "e" },
      { type: "RUN_FINISHED" },
    );
    const [question, loaded] = itemsOf(
      [
        QUESTION,
        message({ id: "a", role: "reasoning", content: "hm" }),
        message({ id: "b", role: "assistant", content: "", toolCalls: [{ id: "c", function: { name: "look", arguments: '{"x":1}' } }] }),
        message({ id: "d", role: "tool", toolCallId: "c", content: "found" }),
        message({ id: "e", role: "assistant", content: "It is one." }),
      ],
      new Map([["r", run()]]),
    );
    const timeless = (answer: Answer) => answer.parts.map((part) => ({ ...part, startedAt: null, endedAt: null }));
    expect(question).toMatchObject({ kind: "question", text: "hello" });
    expect(timeless(loaded as Answer)).toEqual(timeless(seen));
    expect(loaded).toMatchObject({ id: seen.id, status: "completed" });
  });

  it("shows the end of a run that stored nothing behind its question", () => {
    const items = itemsOf([QUESTION], new Map([["r", run({ status: "failed", errorCode: "model_unavailable" })]]));
    expect(items).toMatchObject([{ kind: "question" }, { kind: "answer", status: "failed", error: { code: "model_unavailable" } }]);
  });

  it("shows nothing behind a question whose run is at work: its events follow", () => {
    expect(itemsOf([QUESTION], new Map([["r", run({ status: "running", finishedAt: null })]]))).toHaveLength(1);
  });

  it("gives the result of an approved call to the answer that asked", () => {
    const [, asked, went] = itemsOf(
      [
        QUESTION,
        message({ id: "b", role: "assistant", content: "", toolCalls: [{ id: "c", function: { name: "stop", arguments: "{}" } }] }),
        message({ id: "d", role: "tool", toolCallId: "c", content: "done", runId: "s" }),
        message({ id: "e", role: "assistant", content: "Stopped.", runId: "s" }),
      ],
      new Map([["r", run({ status: "interrupted" })], ["s", run({ id: "s" })]]),
    );
    expect(asked).toMatchObject({ runId: "r", status: "interrupted", parts: [{ kind: "tool", result: "done" }] });
    expect(went).toMatchObject({ runId: "s", parts: [{ kind: "text", text: "Stopped." }] });
  });
});

describe("applyEvent", () => {
  it("returns the very same answer for what shows nothing, so that nothing is drawn again", () => {
    const answer = emptyAnswer("r", 0);
    for (const type of ["STATE_DELTA", "CUSTOM", "STEP_STARTED", "SOMETHING_NEW"]) {
      expect(applyEvent(answer, { type }, 0)).toBe(answer);
    }
    expect(applyEvent(answer, { type: "TEXT_MESSAGE_CONTENT", messageId: "unknown", delta: "x" }, 0)).toBe(answer);
  });

  it.each([
    [{ type: "RUN_FINISHED", outcome: { type: "cancelled" } }, "cancelled"],
    [{ type: "RUN_FINISHED", outcome: { type: "interrupt", interrupts: [{ id: "i", reason: "x" }] } }, "interrupted"],
    [{ type: "RUN_FINISHED", outcome: { type: "success" } }, "completed"],
    [{ type: "RUN_ERROR", message: "no", code: "run_failed" }, "failed"],
  ])("closes every open part at the end of a run", (event, status) => {
    const answer = watched({ type: "TOOL_CALL_START", toolCallId: "c", toolCallName: "look" }, { type: "TEXT_MESSAGE_START", messageId: "e" }, event);
    expect(answer.status).toBe(status);
    expect(answer.parts.some((part) => part.open)).toBe(false);
  });
});
