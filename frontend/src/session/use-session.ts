"use client";

import { useEffect, useState, useSyncExternalStore } from "react";

import type { SessionState } from "../netra-client/browser-session";
import { asNetraError, type NetraError } from "../netra-client/errors";
import { currentSession } from "../platform";

const UNKNOWN: SessionState = { kind: "unknown" };
const RETRY_MS = 3_000;

/** The session's state, restored once per page; `failure` says why it cannot be restored yet. */
export function useSession(): { state: SessionState; failure: NetraError | null } {
  const [failure, setFailure] = useState<NetraError | null>(null);
  const [attempt, setAttempt] = useState(0);
  const state = useSyncExternalStore(
    (listener) => currentSession().watch(listener),
    () => currentSession().state,
    () => UNKNOWN,
  );
  useEffect(() => {
    if (currentSession().state.kind !== "unknown") return undefined;
    let timer: ReturnType<typeof setTimeout> | undefined;
    currentSession()
      .restore()
      .then(() => setFailure(null))
      .catch((reason: unknown) => {
        const error = asNetraError(reason);
        if (error.code === "signed_out") return;
        setFailure(error);
        timer = setTimeout(() => setAttempt((one) => one + 1), Math.max(RETRY_MS, error.retryAfterMs ?? 0));
      });
    return () => clearTimeout(timer);
    // oxlint-disable-next-line react/exhaustive-deps -- each attempt is one more try
  }, [attempt]);
  return { state, failure };
}
