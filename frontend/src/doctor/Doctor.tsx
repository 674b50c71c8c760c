"use client";

import { useCallback, useEffect, useState } from "react";

import { currentSession } from "../platform";
import { Button } from "../ui/Button";
import { CopyButton } from "../ui/CopyButton";
import { Mark } from "../ui/icons";
import { ThemeButton } from "../ui/ThemeButton";
import { diagnose } from "./diagnose";
import styles from "./doctor.module.css";
import { asText, causeOf, verdictOf, type Diagnosis, type Finding } from "./findings";

const MARKS: Readonly<Record<Finding["answer"], string>> = { yes: "✓", no: "✗", unknown: "?" };

/** The session's token, without a sign-in form: a person who cannot sign in needs this page too. */
async function sessionToken() {
  const session = currentSession();
  if (session.state.kind === "unknown") await session.restore();
  return session.state.kind === "signed-in" ? session.token() : null;
}

/** Why does a socket not connect? Asked by this page, answered one question after the other. */
export function Doctor() {
  const [diagnosis, setDiagnosis] = useState<Diagnosis | null>(null);
  const [isRunning, setIsRunning] = useState(true);
  const run = useCallback(async () => {
    setIsRunning(true);
    const patient = { origin: location.origin, fetch: fetch.bind(window), Socket: WebSocket, token: sessionToken, now: Date.now };
    setDiagnosis(await diagnose(patient));
    setIsRunning(false);
  }, []);
  useEffect(() => {
    document.title = "Connection check · Netra";
    void run();
  }, [run]);
  return (
    <div className={styles.page}>
      <header className={styles.head}>
        <a href="/" className={styles.home} aria-label="To the chat"><Mark size={22} /></a>
        <h1>Connection check</h1>
        <ThemeButton />
      </header>
      <main className={styles.main} aria-busy={isRunning}>
        <p role="status" className={styles.verdict} data-healthy={diagnosis === null ? undefined : causeOf(diagnosis) === null}>
          {isRunning || diagnosis === null ? "Checking the connection…" : verdictOf(diagnosis)}
        </p>
        {diagnosis !== null && (
          <ol className={styles.findings}>
            {diagnosis.findings.map((one) => <Row key={one.check} finding={one} />)}
          </ol>
        )}
        <div className={styles.actions}>
          <Button tone="primary" disabled={isRunning} onClick={() => void run()}>Check again</Button>
          {diagnosis !== null && <CopyButton text={asText(diagnosis)} label="Copy the result" />}
        </div>
        <p className={styles.note}>
          A browser hides what happens below HTTP. On a terminal <code>netra doctor {diagnosis?.url ?? ""}</code> shows
          names, ports, certificates and who refused.
        </p>
      </main>
    </div>
  );
}

function Row({ finding }: { finding: Finding }) {
  return (
    <li data-answer={finding.answer}>
      <span className={styles.mark} aria-hidden="true">{MARKS[finding.answer]}</span>
      <div>
        <p><b>{finding.question}</b> {finding.answer}</p>
        <p className={styles.note}>{finding.evidence}</p>
        {finding.answer === "no" && finding.remedy !== "" && <p>→ {finding.remedy}</p>}
      </div>
    </li>
  );
}
