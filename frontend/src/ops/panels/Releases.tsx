"use client";

import { CopyButton } from "../../ui/CopyButton";
import type { Fleet, ReleasesReport, RevisionEntry, RolloutEntry } from "../fleet";
import styles from "../ops.module.css";
import type { PanelProps } from "../panels";
import { moment } from "./moment";

// A report may be late by a slow call; after more the deploy has lost its machine.
const LATE_REPORTS = 4;
const UNITS = [["d", 86_400], ["h", 3_600], ["min", 60]] as const;
const STATES = { running: "warn", done: "pass", failed: "fail" } as const;

/** What `netra deploy` and `netra rollback` report: revisions that serve, the deploy, past releases. */
export function Releases({ view }: PanelProps) {
  const report = view.fleet.monitoring?.releases ?? null;
  if (report === null) {
    return <p className={styles.empty}>No deploy has been reported yet: <code>netra deploy</code> with an operator&apos;s account</p>;
  }
  return (
    <>
      {report.rollout !== null && <Rollout report={report} rollout={report.rollout} now={view.fleet.at} />}
      <Serving report={report} fleet={view.fleet} />
      <History report={report} />
    </>
  );
}

function Rollout({ report, rollout, now }: { report: ReleasesReport; rollout: RolloutEntry; now: string }) {
  const isSilent = rollout.endedAt === null && Date.parse(now) - Date.parse(report.at) > LATE_REPORTS * report.everySeconds * 1000;
  const [word, status] = rollout.problem !== "" ? ["failed", "fail"] : rollout.endedAt !== null ? ["done", "pass"] : isSilent ? ["silent", "fail"] : ["in progress", "warn"];
  return (
    <div>
      <p>
        <span className={styles.badge} data-status={status}>{word}</span>{" "}
        <code>{rollout.command}</code> on {report.environment} by {rollout.by}
        {rollout.reason && <> ({rollout.reason})</>}, started <time dateTime={rollout.startedAt}>{moment(rollout.startedAt)}</time>
        {rollout.endedAt !== null && <>, ended <time dateTime={rollout.endedAt}>{moment(rollout.endedAt)}</time></>}
      </p>
      {isSilent && (
        <p className={styles.reasons}>
          It has reported nothing since {moment(report.at)}. Continue it with <code>netra deploy --resume</code>, or end it with <code>netra rollback</code>.
        </p>
      )}
      {rollout.problem !== "" && <p className={styles.reasons}>{rollout.problem}</p>}
      <ol className={styles.stepList}>
        {rollout.steps.map((step, place) => (
          <li key={place}>
            <span className={styles.badge} data-status={STATES[step.state]}>{step.state}</span> <strong>{step.name}</strong>
            {step.state !== "running" && <span className={styles.soft}> {step.seconds.toFixed(1)} s</span>}
            {step.text !== "" && <span className={styles.stepText}>{step.text}</span>}
          </li>
        ))}
      </ol>
    </div>
  );
}

function Serving({ report, fleet }: { report: ReleasesReport; fleet: Fleet }) {
  const rows = report.services.flatMap((service) => service.revisions.map((revision) => ({ service, revision })));
  if (rows.length === 0) return <p className={styles.empty}>No revision serves.</p>;
  return (
    <div className={styles.scroll} role="region" aria-label="Revisions that serve" tabIndex={0}>
      <table className={styles.table}>
        <thead><tr><th scope="col">Service</th><th scope="col">Revision</th><th scope="col">Traffic</th><th scope="col">Digest</th><th scope="col">State</th><th scope="col">Age</th><th scope="col">Sockets</th></tr></thead>
        <tbody>
          {rows.map(({ service, revision }) => (
            <tr key={`${service.service} ${revision.revision}`}>
              <td>{service.role}{service.pinned && <span className={styles.soft}> pinned: other tools deploy 0 %</span>}</td>
              <td><code>{revision.revision}</code>{revision.tags.map((tag) => <span key={tag} className={styles.soft}> {tag}</span>)}</td>
              <td>{revision.percent} %</td>
              <td className={styles.id}>{revision.digest === "" ? "–" : <><code>{revision.digest}</code><CopyButton text={revision.digest} label={`Copy the digest of ${revision.revision}`} /></>}</td>
              <td><State revision={revision} /></td>
              <td>{revision.createdAt === null ? "–" : age(Date.parse(fleet.at) - Date.parse(revision.createdAt))}</td>
              <td>{socketsOn(fleet, revision.revision)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function State({ revision }: { revision: RevisionEntry }) {
  if (!revision.ready) return <span className={styles.badge} data-status="fail">not ready</span>;
  return <span className={styles.badge} data-status={revision.verified ? "pass" : "warn"}>{revision.verified ? "verified" : "not verified"}</span>;
}

function History({ report }: { report: ReleasesReport }) {
  if (report.releases.length === 0) return <p className={styles.empty}>No release is on record.</p>;
  return (
    <details>
      <summary>{report.releases.length} {report.releases.length === 1 ? "release" : "releases"} on record</summary>
      <div className={styles.scroll} role="region" aria-label="Releases on record" tabIndex={0}>
        <table className={styles.table}>
          <thead><tr><th scope="col">Release</th><th scope="col">When</th><th scope="col">Outcome</th><th scope="col">By</th><th scope="col">Reason</th></tr></thead>
          <tbody>
            {report.releases.map((one) => (
              <tr key={one.id}>
                <td><code>{one.id}</code></td>
                <td><time dateTime={one.at}>{moment(one.at)}</time></td>
                <td><span className={styles.badge} data-status={one.outcome === "verified" ? "pass" : one.outcome === "aborted" ? "fail" : "warn"}>{one.outcome}</span></td>
                <td>{one.by}</td>
                <td>{[one.reason, one.note].filter((text) => text !== "").join("; ")}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </details>
  );
}

/** Sockets of the instances of a revision; services without sockets have none. */
function socketsOn(fleet: Fleet, revision: string): string {
  const found = fleet.instances.filter((instance) => instance.revision === revision);
  return found.length === 0 ? "–" : String(found.reduce((sum, instance) => sum + instance.connections.open, 0));
}

/** Returns a duration in its largest unit. */
function age(milliseconds: number): string {
  const seconds = Math.max(0, Math.round(milliseconds / 1000));
  for (const [name, size] of UNITS) if (seconds >= size) return `${Math.floor(seconds / size)} ${name}`;
  return `${seconds} s`;
}
