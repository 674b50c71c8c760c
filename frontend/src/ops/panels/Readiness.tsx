"use client";

import { clock } from "../charts/TimeChart";
import type { Check } from "../fleet";
import styles from "../ops.module.css";
import type { PanelProps } from "../panels";
import { segments, WINDOW_MS, type SeenInstance, type Segment } from "../timeline";

const WORDS: Readonly<Record<Segment["status"], string>> = {
  pass: "ready",
  warn: "degraded",
  fail: "not ready",
  gone: "gone",
};

/** Each instance's readiness over the last quarter of an hour, and its checks now. */
export function Readiness({ view }: PanelProps) {
  const to = Date.parse(view.fleet.at);
  const from = to - WINDOW_MS;
  return (
    <>
      <ul className={styles.lanes}>
        {view.seen.map((instance) => <Lane key={instance.view.instanceId} instance={instance} from={from} to={to} />)}
      </ul>
      <div className={styles.laneAxis} aria-hidden="true"><span>{clock(from)}</span><span>{clock(to)}</span></div>
      <ul className={styles.key} aria-hidden="true">
        {(["pass", "warn", "fail", "gone"] as const).map((status) => (
          <li key={status}><i data-status={status} />{WORDS[status]}</li>
        ))}
      </ul>
    </>
  );
}

function Lane({ instance, from, to }: { instance: SeenInstance; from: number; to: number }) {
  const { view, goneAt } = instance;
  const parts = segments(instance, from, to);
  const status = goneAt === null ? view.readiness.status : "gone";
  const reasons = goneAt === null ? view.readiness.reasons : [`last seen ${clock(goneAt)}`];
  return (
    <li className={styles.lane}>
      <div className={styles.laneHead}>
        <code>{view.instanceId}</code>
        {view.revision !== null && <span className={styles.soft}>{view.revision}</span>}
        {view.connections.draining && goneAt === null && <span className={styles.badge} data-status="warn">draining</span>}
        <span className={styles.badge} data-status={status}>{WORDS[status]}</span>
      </div>
      <svg className={styles.track} viewBox="0 0 1000 10" preserveAspectRatio="none" role="img" aria-label={describe(parts)}>
        {parts.map((part) => (
          <rect
            key={part.from} data-status={part.status} y="0" height="10"
            x={(1000 * (part.from - from)) / (to - from)}
            // A change of a second must not vanish between two pixels.
            width={Math.max(2, (1000 * (part.to - part.from)) / (to - from))}
          >
            <title>{`${WORDS[part.status]} ${clock(part.from)} – ${clock(part.to)}${part.reasons.length > 0 ? `: ${part.reasons.join("; ")}` : ""}`}</title>
          </rect>
        ))}
      </svg>
      {reasons.length > 0 && <p className={styles.reasons}>{reasons.join("; ")}</p>}
      {goneAt === null && <Checks checks={view.readiness.checks} />}
    </li>
  );
}

function Checks({ checks }: { checks: readonly Check[] }) {
  return (
    <ul className={styles.checks} aria-label="Checks">
      {checks.map((check) => (
        <li key={check.name} title={check.reason}>
          <i data-status={check.status} aria-hidden="true" />
          <span>{check.name.replaceAll("_", " ")}</span>
          <span className="visually-hidden">{WORDS[check.status]}</span>
          <span className={styles.soft}>{check.elapsedMs === null ? "–" : `${Math.round(check.elapsedMs)} ms`}</span>
        </li>
      ))}
    </ul>
  );
}

function describe(parts: readonly Segment[]): string {
  if (parts.length === 0) return "No readiness known yet.";
  return parts.map((part) => `${WORDS[part.status]} from ${clock(part.from)}`).join(", ");
}
