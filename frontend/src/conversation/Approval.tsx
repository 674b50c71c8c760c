"use client";

import type { Interrupt } from "@ag-ui/core";
import { useId, useState } from "react";

import type { InterruptAnswer } from "../netra-client/client";
import { Button } from "../ui/Button";
import type { Answer } from "./model";
import styles from "./conversation.module.css";

interface ApprovalProps {
  readonly answer: Answer;
  /** Resolves when the server took the answers, rejects with the reason why it did not. */
  readonly onAnswer: (answers: readonly InterruptAnswer[]) => Promise<void>;
}

type Choice = "approve" | "decline";

/** What the agent may do only after an approval. No choice is the default. All answers are sent together. */
export function Approval({ answer, onAnswer }: ApprovalProps) {
  const [choices, setChoices] = useState<Readonly<Record<string, Choice>>>({});
  const [reason, setReason] = useState("");
  const [isSending, setSending] = useState(false);
  const title = useId();
  const { interrupts } = answer;

  const choose = (id: string, choice: Choice): void => {
    const next = { ...choices, [id]: choice };
    setChoices(next);
    if (!interrupts.every((one) => next[one.id] !== undefined)) return;
    setSending(true);
    onAnswer(interrupts.map((one) => toAnswer(one, next[one.id] === "approve", reason))).catch(() => {
      setSending(false);
      setChoices({});
    });
  };

  return (
    <section className={styles.approval} aria-labelledby={title} data-testid="approval">
      <h2 id={title}>{interrupts.length === 1 ? "The agent asks for your approval" : `The agent asks for your approval of ${interrupts.length} steps`}</h2>
      {interrupts.map((interrupt) => (
        <div key={interrupt.id} className={styles.ask}>
          <p>{interrupt.message ?? callOf(answer, interrupt)?.name ?? "Continue?"}</p>
          <ArgumentsOf answer={answer} interrupt={interrupt} />
          <div className={styles.choices}>
            <Button disabled={isSending} aria-pressed={choices[interrupt.id] === "approve"} onClick={() => choose(interrupt.id, "approve")}>Approve</Button>
            <Button disabled={isSending} aria-pressed={choices[interrupt.id] === "decline"} onClick={() => choose(interrupt.id, "decline")}>Decline</Button>
          </div>
        </div>
      ))}
      <label className={styles.reason}>
        <span>What the agent should know if you decline</span>
        <input value={reason} maxLength={500} disabled={isSending} placeholder="Optional" onChange={(event) => setReason(event.target.value)} />
      </label>
    </section>
  );
}

function ArgumentsOf({ answer, interrupt }: { answer: Answer; interrupt: Interrupt }) {
  const call = callOf(answer, interrupt);
  if (call === undefined) return null;
  const fields = fieldsOf(call.args);
  if (fields === null) return <pre className={styles.askArgs} tabIndex={0} aria-label="Arguments">{`${call.name} ${call.args}`}</pre>;
  return (
    <dl className={styles.fields}>
      <div><dt>Tool</dt><dd><code>{call.name}</code></dd></div>
      {fields.map(([name, value]) => <div key={name}><dt>{name}</dt><dd dir="auto">{value}</dd></div>)}
    </dl>
  );
}

/** Returns the arguments as names and values; null when they are no JSON object. */
function fieldsOf(args: string): [string, string][] | null {
  try {
    const parsed: unknown = JSON.parse(args || "{}");
    if (typeof parsed !== "object" || parsed === null || Array.isArray(parsed)) return null;
    return Object.entries(parsed).map(([name, value]) => [name, typeof value === "string" ? value : JSON.stringify(value)]);
  } catch {
    return null;
  }
}

function callOf(answer: Answer, interrupt: Interrupt): { name: string; args: string } | undefined {
  const part = answer.parts.find((one) => one.kind === "tool" && one.id === interrupt.toolCallId);
  return part?.kind === "tool" ? part : undefined;
}

function toAnswer(interrupt: Interrupt, approved: boolean, reason: string): InterruptAnswer {
  const why = reason.trim();
  return {
    interruptId: interrupt.id,
    status: "resolved",
    payload: { approved, ...(!approved && why ? { reason: why } : {}) },
  };
}
