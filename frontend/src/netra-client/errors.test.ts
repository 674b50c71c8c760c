import { describe, expect, it } from "vitest";

import { closeFailure } from "./errors.ts";

describe("closeFailure", () => {
  it.each([
    [4401, "token_expired", { code: "token_expired", retry: "after-refresh", retryAfterMs: undefined }],
    [4503, "admission_deferred retryAfterMs=1834", { code: "admission_deferred", retry: "backoff", retryAfterMs: 1834 }],
    [4500, "error_id=abc123", { code: "internal_error", retry: "backoff", errorId: "abc123" }],
    [4410, "", { code: "session_revoked", retry: "never" }],
    [4503, "continuity lost in thread x", { code: "unavailable", retry: "backoff" }],
    [1006, "", { code: "connection_lost", retry: "backoff" }],
    [1002, "", { code: "protocol_violation", retry: "never" }],
    [1007, "", { code: "protocol_violation", retry: "never" }],
    [1011, "", { code: "connection_lost", retry: "backoff" }],
  ])("reads %i %j", (code, reason, expected) => {
    expect(closeFailure(code, reason)).toMatchObject({ ...expected, closeCode: code });
  });
});
