// The values of a diagnosis, as those of netra_client/diagnosis/findings.py.

/** Every question is phrased so that `yes` is healthy. */
export type Answer = "yes" | "no" | "unknown";

export interface Finding {
  /** Stable name, e.g. `upgrade`. */
  readonly check: string;
  readonly question: string;
  readonly answer: Answer;
  /** What was observed; never a credential. */
  readonly evidence: string;
  /** What to do when the answer is no. */
  readonly remedy: string;
}

export interface Diagnosis {
  readonly url: string;
  readonly findings: readonly Finding[];
  /** The refusal was about the credential: a close with 4401. */
  readonly isCredentialRefused: boolean;
}

/** The first `no` that explains the failure; never an `unknown`. */
export function causeOf({ findings, isCredentialRefused }: Diagnosis): Finding | null {
  const opens = findings.some((one) => one.check === "upgrade" && one.answer === "yes");
  const explains = (one: Finding): boolean => {
    if (one.answer !== "no") return false;
    // A wrong clock or token explains nothing but a refused credential.
    if (one.check === "clock" || one.check === "token") return isCredentialRefused;
    return one.check !== "http" || !opens;
  };
  return findings.find(explains) ?? null;
}

/** The diagnosis as text, for a report to the people who operate the platform. */
export function asText(diagnosis: Diagnosis): string {
  const lines = diagnosis.findings.map((one) => `${one.question} ${one.answer}: ${one.evidence}`);
  return [diagnosis.url, ...lines, verdictOf(diagnosis)].join("\n");
}

export function verdictOf(diagnosis: Diagnosis): string {
  const cause = causeOf(diagnosis);
  if (cause !== null) return `Cause: ${cause.question} ${cause.answer}: ${cause.evidence}`;
  const isAnswered = diagnosis.findings.some((one) => one.check === "answers" && one.answer === "yes");
  return isAnswered ? "No cause found: the socket opens and answers." : "The cause is unknown.";
}
