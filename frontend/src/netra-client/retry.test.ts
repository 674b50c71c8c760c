// The same rule as the Python SDK's (netra_client/tests/unit/test_retry.py).

import { describe, expect, it } from "vitest";

import { closeFailure } from "./errors.ts";
import { DEFAULT_POLICY, nextStep } from "./retry.ts";

const step = (code: number, reason: string, failures: number) =>
  nextStep(closeFailure(code, reason), failures, 0.5, false, DEFAULT_POLICY);

describe("nextStep", () => {
  it("doubles the ceiling of the wait with every failure in a row, up to the cap", () => {
    expect(step(1006, "", 1)).toMatchObject({ delayMs: 250 });
    expect(step(1006, "", 4)).toMatchObject({ delayMs: 2_000 });
    expect(step(1006, "", 40)).toMatchObject({ delayMs: 10_000 });
  });

  it("waits as long as the server asked, after any number of refusals: growing waits would miss the slot", () => {
    for (const failures of [2, 9]) {
      expect(step(4429, "admission_deferred retryAfterMs=1834", failures)).toMatchObject({ delayMs: 1834 + 250 });
    }
  });

  it("stops after a second refusal of a fresh token, and after a close that will not pass", () => {
    const refused = closeFailure(4401, "");
    expect(nextStep(refused, 1, 0, false, DEFAULT_POLICY)).toMatchObject({ kind: "again", refresh: true });
    expect(nextStep(refused, 2, 0, true, DEFAULT_POLICY).kind).toBe("give-up");
    expect(step(4410, "", 1).kind).toBe("give-up");
  });
});
