"use client";

import { CopyButton } from "../../ui/CopyButton";
import styles from "../ops.module.css";
import type { PanelProps } from "../panels";
import { moment } from "./moment";

/** The last run of `netra validate`: its verdict, and every row that did not pass. */
export function Validation({ view }: PanelProps) {
  const report = view.fleet.monitoring?.validation ?? null;
  if (report === null) {
    return <p className={styles.empty}>Nothing has been validated yet: <code>netra validate --suite quick</code></p>;
  }
  const counts = Object.entries(report.counts).map(([verdict, count]) => `${count} ${verdict}`).join(", ");
  const word = report.complete ? (report.passed ? "passed" : "failed") : "interrupted";
  return (
    <>
      <p>
        <span className={styles.badge} data-status={word === "passed" ? "pass" : word === "failed" ? "fail" : "warn"}>{word}</span>{" "}
        {report.suite} on {report.environment}, <time dateTime={report.at}>{moment(report.at)}</time>, in {Math.round(report.seconds)} s: {counts}
      </p>
      {report.rows.length > 0 && (
        <div className={styles.scroll} role="region" aria-label="Rows that did not pass" tabIndex={0}>
          <table className={styles.table}>
            <thead><tr><th scope="col">Row</th><th scope="col">Verdict</th><th scope="col">Seen</th><th scope="col">Repeat it</th></tr></thead>
            <tbody>
              {report.rows.map((row) => (
                <tr key={row.id}>
                  <td>{row.title} <span className={styles.soft}>{row.id}</span></td>
                  <td><span className={styles.badge} data-status={row.verdict === "failed" ? "fail" : "warn"}>{row.verdict}</span></td>
                  <td>{row.summary}</td>
                  <td className={styles.id}><CopyButton text={row.command} label={`Copy the command of ${row.id}`} /></td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </>
  );
}
