"use client";

import { memo, type ReactNode } from "react";

import type { InterruptAnswer } from "../netra-client/client";
import type { TokenUsage } from "../netra-client/threads";
import { Markdown } from "../markdown/Markdown";
import { Button } from "../ui/Button";
import { CopyButton } from "../ui/CopyButton";
import { RetryIcon } from "../ui/icons";
import { Notice } from "../ui/Notice";
import { Approval } from "./Approval";
import { answerText, runsFrom, type Answer } from "./model";
import styles from "./conversation.module.css";
import { Decisions } from "./Decisions";
import { formatSeconds, Step } from "./Step";
import { Waiting } from "./Waiting";

interface AnswerViewProps {
  readonly answer: Answer;
  readonly isLast: boolean;
  /** What it answers; null for what continues after an approval. */
  readonly question: string | null;
  readonly onRegenerate: () => void;
  readonly onContinue: (text: string) => void;
  readonly branches?: ReactNode;
  readonly onStop: () => void;
  readonly onAnswer: (answers: readonly InterruptAnswer[]) => Promise<void>;
}

/** What the agent did and wrote, in order. */
export const AnswerView = memo(function AnswerView({ answer, isLast, question, onRegenerate, onContinue, onAnswer, onStop, branches }: AnswerViewProps) {
  const isRunning = answer.status === "running";
  const text = answerText(answer);
  return (
    <article className={styles.answer} data-item={answer.id} aria-label="Answer" aria-busy={isRunning}>
      {answer.parts.filter((part) => part.kind === "tool" || part.text !== "").map((part) =>
        part.kind === "text" ? <Markdown key={`t${part.id}`} text={part.text} /> : <Step key={`${part.kind}${part.id}`} part={part} runsFrom={runsFrom(answer, part)} />,
      )}
      {isRunning && <Working hasParts={answer.parts.some((part) => part.open)} />}
      {isRunning && answer.waiting !== null && <Waiting waiting={answer.waiting} onStop={onStop} />}
      {answer.status === "failed" && (
        <Notice tone="danger">
          {answer.error?.message || "The answer could not be finished."} <code className={styles.code}>{answer.error?.code}</code>
        </Notice>
      )}
      {answer.decisions.length > 0 && <Decisions answer={answer} />}
      {answer.status === "interrupted" && answer.decisions.length === 0 && answer.interrupts.length > 0 && (
        isLast ? <Approval answer={answer} onAnswer={onAnswer} /> : <p className={styles.note}>Asked for approval.</p>
      )}
      {answer.status === "cancelled" && <p className={styles.note}>Stopped.</p>}
      {answer.summarised > 0 && <p className={styles.note}>The model read a summary of {answer.summarised} earlier messages.</p>}
      {answer.trimmed !== null && <p className={styles.note}>{describeTrimmed(answer.trimmed)}</p>}
      {answer.finishReason === "length" && (
        <Notice tone="warn" action={isLast && <Button small onClick={() => onContinue(CONTINUE)}>Continue</Button>}>
          The answer reached the model's length limit and is incomplete.
        </Notice>
      )}
      {answer.finishReason === "content_filter" && <Notice tone="warn">The model's content filter ended the answer.</Notice>}
      {!isRunning && (
        <footer className={styles.meta}>
          {text !== "" && <CopyButton text={text} label="Copy answer" />}
          {isLast && question !== null && answer.status !== "interrupted" && <Button small tone="quiet" onClick={onRegenerate}><RetryIcon size={15} /> Try again</Button>}
          {branches}
          <Facts answer={answer} />
        </footer>
      )}
    </article>
  );
});

const CONTINUE = "Continue exactly where your answer stopped.";

function describeTrimmed({ omitted, shortened }: NonNullable<Answer["trimmed"]>): string {
  const parts = [
    ...(omitted > 0 ? [`${omitted} earlier ${omitted === 1 ? "message was" : "messages were"} left out`] : []),
    ...(shortened > 0 ? [`${shortened} long ${shortened === 1 ? "message was" : "messages were"} shortened`] : []),
  ];
  return `The conversation is longer than the model can read: ${parts.join(", ")}.`;
}

function Working({ hasParts }: { hasParts: boolean }) {
  return <p className={styles.working}><span aria-hidden="true" /><span className={hasParts ? "visually-hidden" : undefined}>Thinking</span></p>;
}

function Facts({ answer }: { answer: Answer }) {
  const facts: string[] = [];
  if (answer.startedAt !== null && answer.finishedAt !== null) facts.push(formatSeconds(Math.max(0, answer.finishedAt - answer.startedAt)));
  const usage = answer.usage === null ? null : total(answer.usage);
  if (usage !== null) facts.push(`${usage.input.toLocaleString()} in / ${usage.output.toLocaleString()} out tokens`);
  if (facts.length === 0) return null;
  return <span className={styles.facts} title={usage ? `${usage.models}: tokens read and written` : undefined}>{facts.join(" · ")}</span>;
}

function total(usage: readonly TokenUsage[]): { input: number; output: number; models: string } {
  return {
    input: usage.reduce((sum, one) => sum + (one.inputTokens ?? 0), 0),
    output: usage.reduce((sum, one) => sum + (one.outputTokens ?? 0), 0),
    models: [...new Set(usage.map((one) => one.model ?? "model"))].join(", "),
  };
}
