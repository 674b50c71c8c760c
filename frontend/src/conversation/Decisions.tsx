import type { Decision } from "../netra-client/threads";
import styles from "./conversation.module.css";
import type { Answer } from "./model";

const WORDS: Readonly<Record<Decision["outcome"], string>> = {
  approved: "You approved", declined: "You declined", dismissed: "You sent a new message instead of approving",
};

/** The record of what the owner answered: it stays, on every device. */
export function Decisions({ answer }: { answer: Answer }) {
  return (
    <ul className={styles.decisions} data-testid="decisions" aria-label="Your decisions">
      {answer.decisions.map((decision) => (
        <li key={decision.interruptId} data-outcome={decision.outcome}>
          <span aria-hidden="true">{decision.outcome === "approved" ? "✓" : "✕"}</span>
          <span>
            <bdi>{describeDecision(decision, nameOf(answer, decision))}</bdi>{" "}
            <time dateTime={decision.decidedAt}>{timeOf(decision.decidedAt)}</time>
          </span>
        </li>
      ))}
    </ul>
  );
}

/** Returns one line: `You declined stop_long_runs: They are mine.` */
export function describeDecision(decision: Decision, tool: string): string {
  const changed = decision.editedArgs === null ? "" : ` with ${Object.entries(decision.editedArgs).map(([name, value]) => `${name} = ${JSON.stringify(value)}`).join(", ")}`;
  const reason = decision.reason === null ? "" : `: ${decision.reason}`;
  return `${WORDS[decision.outcome]} ${tool}${changed}${reason}`;
}

function nameOf(answer: Answer, decision: Decision): string {
  const part = answer.parts.find((one) => one.kind === "tool" && one.id === decision.toolCallId);
  return part?.kind === "tool" ? part.name : "the call";
}

function timeOf(at: string): string {
  return new Date(at).toLocaleString(undefined, { dateStyle: "medium", timeStyle: "short" });
}
