// What a person decided is shown as a sentence, and a call that was not made has no duration.

import { renderToStaticMarkup } from "react-dom/server";
import { describe, expect, it } from "vitest";

import type { Decision, Run, StoredMessage } from "../netra-client/threads";
import { Decisions, describeDecision } from "./Decisions";
import { itemsOf } from "./history";
import { runsFrom, type Answer, type ToolPart } from "./model";

const AT = "2026-01-01T00:00:00Z";
const DECIDED = "2026-01-01T00:05:00Z";
const decision = (change: Partial<Decision> = {}): Decision => ({
  interruptId: "int-c", toolCallId: "c", outcome: "approved", reason: null, editedArgs: null, decidedAt: DECIDED, ...change,
});
const run = (change: Partial<Run>): Run => ({
  id: "r", threadId: "t", messageId: "q", status: "interrupted", errorCode: null, model: "m", usage: null,
  traceId: null, createdAt: AT, finishedAt: AT, ...change,
});
const message = (body: object): StoredMessage => ({ runId: "r", createdAt: AT, ...body }) as unknown as StoredMessage;

/** The answer that asked, as a reload builds it. */
function loaded(made: Decision): [Answer, ToolPart] {
  const end = Date.parse(DECIDED) + 2_000;
  const [, asked] = itemsOf(
    [
      message({ id: "q", role: "user", content: "stop", runId: null }),
      message({ id: "b", role: "assistant", content: "", toolCalls: [{ id: "c", function: { name: "stop_long_runs", arguments: "{}" } }] }),
      message({ id: "d", role: "tool", toolCallId: "c", content: "done", runId: "s" }),
    ],
    new Map([
      ["r", run({ decisions: [made], stepTimes: { c: [Date.parse(AT), null] } })],
      ["s", run({ id: "s", status: "completed", parentRunId: "r", stepTimes: { c: [null, end] } })],
    ]),
  );
  const answer = asked as Answer;
  return [answer, answer.parts[0] as ToolPart];
}

describe("decisions", () => {
  it.each([
    [decision(), "You approved stop_long_runs"],
    [decision({ editedArgs: { minutes: 60 } }), "You approved stop_long_runs with minutes = 60"],
    [decision({ outcome: "declined", reason: "They are mine." }), "You declined stop_long_runs: They are mine."],
    [decision({ outcome: "dismissed" }), "You sent a new message instead of approving stop_long_runs"],
  ])("are one sentence each", (made, sentence) => {
    expect(describeDecision(made, "stop_long_runs")).toBe(sentence);
  });

  it("are shown with their time after a reload", () => {
    const [answer] = loaded(decision({ outcome: "declined", reason: "<b>no</b>" }));
    const html = renderToStaticMarkup(<Decisions answer={answer} />);
    expect(html).toContain("You declined stop_long_runs: &lt;b&gt;no&lt;/b&gt;");
    expect(html).toContain(`dateTime="${DECIDED}"`);
  });

  it("give an approved call the duration since the approval", () => {
    const [answer, part] = loaded(decision());
    expect((part.endedAt ?? 0) - (runsFrom(answer, part) ?? 0)).toBe(2_000);
  });

  it.each(["declined", "dismissed"] as const)("leave a call that was %s without duration", (outcome) => {
    const [answer, part] = loaded(decision({ outcome }));
    expect(runsFrom(answer, part)).toBeNull();
  });
});
