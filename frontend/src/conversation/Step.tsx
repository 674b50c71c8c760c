"use client";

import { useEffect, useState } from "react";

import { CopyButton } from "../ui/CopyButton";
import { ChevronIcon, ThoughtIcon, ToolIcon } from "../ui/icons";
import type { ReasoningPart, ToolPart } from "./model";
import styles from "./conversation.module.css";

const TICK_MS = 100;

/** A tool call or a thought: one line with its duration, opened to see what went in and came out. */
export function Step({ part, runsFrom }: { part: ToolPart | ReasoningPart; /** Unix ms; null: it never ran. */ runsFrom: number | null }) {
  const isTool = part.kind === "tool";
  const name = isTool ? part.name : "Reasoning";
  return (
    <details className={styles.step} data-open={part.open || undefined}>
      <summary>
        <span className={styles.node} data-live={part.open || undefined}>{isTool ? <ToolIcon size={14} /> : <ThoughtIcon size={14} />}</span>
        <span className={isTool ? styles.toolName : undefined}>{name}</span>
        {isTool && <span className={styles.peek}>{peek(part.args)}</span>}
        <span className={styles.time}><Elapsed from={runsFrom} to={part.endedAt} open={part.open} /></span>
        <ChevronIcon size={14} />
      </summary>
      {isTool ? (
        <div className={styles.io}>
          <Io label="Arguments" text={pretty(part.args)} />
          {part.result === null ? <p className={styles.waiting}>{part.open ? "Waiting for the result…" : "No result."}</p> : <Io label="Result" text={pretty(part.result)} />}
        </div>
      ) : (
        <p className={styles.thought}>{part.text}</p>
      )}
    </details>
  );
}

function Io({ label, text }: { label: string; text: string }) {
  return (
    <div>
      <div className={styles.ioHead}><span>{label}</span><CopyButton text={text} label={`Copy ${label.toLowerCase()}`} /></div>
      <pre tabIndex={0} aria-label={label}>{text || "—"}</pre>
    </div>
  );
}

function Elapsed({ from, to, open }: { from: number | null; to: number | null; open: boolean }) {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    if (!open) return undefined;
    const timer = setInterval(() => setNow(Date.now()), TICK_MS);
    return () => clearInterval(timer);
  }, [open]);
  if (from === null) return null;
  if (to === null && !open) return null;
  return <>{formatSeconds(Math.max(0, (to ?? now) - from))}</>;
}

/** Returns milliseconds as seconds with a precision that helps: `0.04 s`, `3.2 s`, `1 m 05 s`. */
export function formatSeconds(ms: number): string {
  if (ms < 1_000) return `${(ms / 1000).toFixed(2)} s`;
  if (ms < 60_000) return `${(ms / 1000).toFixed(1)} s`;
  return `${Math.floor(ms / 60_000)} m ${String(Math.floor((ms % 60_000) / 1000)).padStart(2, "0")} s`;
}

function pretty(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}

function peek(args: string): string {
  try {
    const values = Object.values(JSON.parse(args) as Record<string, unknown>);
    return values.map((value) => (typeof value === "string" ? value : JSON.stringify(value))).join(", ").slice(0, 80);
  } catch {
    return "";
  }
}
