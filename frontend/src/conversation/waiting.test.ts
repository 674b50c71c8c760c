// A wait for the model is shown until the run continues.

import { describe, expect, it } from "vitest";

import { applyEvent } from "./apply";
import { emptyAnswer } from "./model";
import { describeWaiting } from "./Waiting";

const NOTICE = { type: "CUSTOM", name: "netra.waiting", value: { reason: "rate_limited", until: 41_000 } };

describe("waiting", () => {
  it("is part of the answer until the next event", () => {
    const waiting = applyEvent(emptyAnswer("r", 0), NOTICE, 0);
    expect(waiting.waiting).toEqual({ reason: "rate_limited", until: 41_000 });
    expect(applyEvent(waiting, { type: "TEXT_MESSAGE_START", messageId: "m" }, 0).waiting).toBeNull();
    expect(applyEvent(waiting, { type: "RUN_ERROR", message: "m" }, 0).waiting).toBeNull();
    expect(applyEvent(emptyAnswer("r", 0), { ...NOTICE, value: {} }, 0).waiting).toEqual({ reason: "", until: null });
  });

  it("counts what the model got as a summary", () => {
    const event = { type: "CUSTOM", name: "netra.compacted", value: { messages: 12, omitted: 3 } };
    expect(applyEvent(emptyAnswer("r", 0), event, 0)).toMatchObject({ summarised: 12, trimmed: { omitted: 3, shortened: 0 } });
  });

  it.each([
    [{ reason: "rate_limited", until: 41_000 }, "The model's service limits requests at present. Next attempt in 40 s."],
    [{ reason: "unavailable", until: 500 }, "The model's service is unavailable at present. Trying again."],
    [{ reason: "silent", until: null }, "The model has not answered yet."],
    [{ reason: "of a newer server", until: null }, "Waiting for the model's service."],
  ])("says why and until when: %j", (waiting, sentence) => expect(describeWaiting(waiting, 1_000)).toBe(sentence));
});
