"use client";

import { useEffect, useState, useSyncExternalStore } from "react";

import type { ConnectionState } from "../netra-client/state";
import type { Workspace } from "../platform";

const IDLE: ConnectionState = { kind: "idle" };
const ASK_MS = 30_000;

export function useConnectionState(workspace: Workspace): ConnectionState {
  return useSyncExternalStore(
    (listener) => workspace.client.watch(listener),
    () => workspace.client.state,
    () => IDLE,
  );
}

/** A send that is not answered for this long is shown in the header. */
const STALLED_MS = 4_000;
const LOOK_MS = 500;

/** Whether a message has been sent over an open connection and not acknowledged for some seconds. */
export function useIsStalled(workspace: Workspace, state: ConnectionState): boolean {
  const [isStalled, setStalled] = useState(false);
  const isLive = state.kind === "live";
  useEffect(() => {
    if (!isLive) return undefined;
    const since = Date.now();
    const look = (): void => {
      const sending = workspace.outbox.entries.filter((entry) => entry.state === "sending");
      setStalled(sending.some((entry) => Date.now() - Math.max(since, entry.sentAt) > STALLED_MS));
    };
    const timer = setInterval(look, LOOK_MS);
    return () => {
      clearInterval(timer);
      setStalled(false);
    };
  }, [workspace, isLive]);
  return isStalled;
}

/** Whether the platform says that it serves without one of its parts (`/health/ready`). */
export function useIsDegraded(state: ConnectionState): boolean {
  const [isDegraded, setDegraded] = useState(false);
  const isLive = state.kind === "live";
  useEffect(() => {
    if (!isLive) return undefined;
    let gone = false;
    const ask = async (): Promise<void> => {
      if (document.visibilityState === "hidden") return;
      try {
        const response = await fetch("/health/ready", { cache: "no-store", signal: AbortSignal.timeout(5_000) });
        const body = (await response.json()) as { status?: string };
        if (!gone) setDegraded(body.status === "warn");
      } catch {
        // The socket says more about the connection than this request.
      }
    };
    void ask();
    const timer = setInterval(() => void ask(), ASK_MS);
    return () => {
      gone = true;
      clearInterval(timer);
    };
  }, [isLive]);
  return isDegraded;
}
