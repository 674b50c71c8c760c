"use client";

import { useEffect, useState } from "react";

import type { ConnectionState } from "../netra-client/state";
import { Button } from "../ui/Button";
import styles from "./workbench.module.css";

interface ConnectionStateProps {
  readonly state: ConnectionState;
  readonly isDegraded: boolean;
  /** Something was sent and is not acknowledged. */
  readonly isStalled?: boolean;
  readonly onNow: () => void;
}

// A reconnect that is faster than a blink is not shown.
const QUIET_MS = 700;

/** How the connection is, in few words. */
export function ConnectionStateView({ state, isDegraded, isStalled = false, onNow }: ConnectionStateProps) {
  const seconds = useSecondsUntil(state.kind === "waiting" ? state.until : null);
  const wasLive = useWasLive(state);
  const { tone, text, more, countdown } = describe(state, { isDegraded, isStalled, seconds, wasLive });
  return (
    <div className={styles.connection} data-tone={tone} data-connection={state.kind}>
      <span className={styles.lamp} aria-hidden="true" />
      <span role="status">
        {text}
        {more && <span className={styles.more}>{more}</span>}
        {/* Hidden from screen readers, which would read every second. */}
        {countdown && <span aria-hidden="true">{countdown}</span>}
      </span>
      {state.kind === "waiting" && <Button small tone="quiet" onClick={onNow}>Try now</Button>}
      {(state.kind === "waiting" || state.kind === "closed") && <a href="/doctor" className={styles.why}>Why?</a>}
    </div>
  );
}

function describe(
  state: ConnectionState,
  { isDegraded, isStalled, seconds, wasLive }: { isDegraded: boolean; isStalled: boolean; seconds: number; wasLive: boolean },
): { tone: "good" | "warn" | "bad" | "plain"; text: string; more?: string; countdown?: string } {
  switch (state.kind) {
    case "live":
      if (isStalled) return { tone: "warn", text: "Waiting for the server", more: ": what you sent is kept and sent again" };
      return isDegraded
        ? { tone: "warn", text: "Degraded", more: ": answers continue, a part of the platform is unavailable" }
        : { tone: "good", text: "Live" };
    case "idle":
    case "connecting":
      if (wasLive) return { tone: "good", text: "Live" };
      return { tone: "plain", text: state.kind === "connecting" && state.attempt > 1 ? "Reconnecting…" : "Connecting…" };
    case "waiting":
      if (wasLive) return { tone: "good", text: "Live" };
      return { tone: "warn", text: "Reconnecting", countdown: seconds > 0 ? ` in ${seconds} s` : "…" };
    case "offline":
      return { tone: "bad", text: "Offline", more: ": what you send goes out when you are back" };
    case "closed":
      return { tone: "bad", text: "Disconnected" };
  }
}

function useSecondsUntil(until: number | null): number {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    if (until === null) return undefined;
    setNow(Date.now()); // the clock did not run since the previous wait
    const timer = setInterval(() => setNow(Date.now()), 250);
    return () => clearInterval(timer);
  }, [until]);
  return until === null ? 0 : Math.max(0, Math.ceil((until - now) / 1000));
}

/** Whether the connection was live until a moment ago. */
function useWasLive(state: ConnectionState): boolean {
  const [wasLive, setWasLive] = useState(false);
  const isLive = state.kind === "live";
  const isTrying = state.kind === "connecting" || state.kind === "waiting";
  useEffect(() => {
    const [next, ms] = isLive ? [true, 0] : [false, isTrying ? QUIET_MS : 0];
    const timer = setTimeout(() => setWasLive(next), ms);
    return () => clearTimeout(timer);
  }, [isLive, isTrying]);
  return wasLive && !isLive;
}
