"use client";

import { CopyButton } from "../../ui/CopyButton";
import styles from "../ops.module.css";
import type { PanelProps } from "../panels";
import { moment } from "./moment";

const SHOWN = 30;

/** The latest errors by the id that people were given, with the trace that finds their log. */
export function Errors({ view }: PanelProps) {
  const errors = view.fleet.instances
    .flatMap((instance) => instance.errors.map((error) => ({ ...error, instanceId: instance.instanceId })))
    .sort((a, b) => b.at.localeCompare(a.at))
    .slice(0, SHOWN);
  if (errors.length === 0) return <p className={styles.empty}>No error has been logged since the instances started.</p>;
  return (
    <div className={styles.scroll} role="region" aria-label="Table of recent errors" tabIndex={0}>
      <table className={styles.table}>
        <thead>
          <tr><th scope="col">When</th><th scope="col">What</th><th scope="col">Error id</th><th scope="col">Trace</th><th scope="col">Instance</th></tr>
        </thead>
        <tbody>
          {errors.map((error) => (
            <tr key={error.errorId}>
              <td><time dateTime={error.at}>{moment(error.at)}</time></td>
              <td>{error.message} <span className={styles.soft}>{error.type}</span></td>
              <td className={styles.id}><code>{error.errorId.slice(0, 12)}</code><CopyButton text={error.errorId} label="Copy the error id" /></td>
              <td className={styles.id}>
                {error.traceId === null ? "–" : <><code>{error.traceId.slice(0, 12)}</code><CopyButton text={error.traceId} label="Copy the trace id" /></>}
              </td>
              <td><code>{error.instanceId}</code></td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
