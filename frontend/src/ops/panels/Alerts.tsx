"use client";

import { CopyButton } from "../../ui/CopyButton";
import { clock } from "../charts/TimeChart";
import type { AlertEntry, AlertsReport, BurnEntry } from "../fleet";
import styles from "../ops.module.css";
import type { PanelProps } from "../panels";
import { moment } from "./moment";

// A report may be late by a slow round; after more the monitor is no longer running.
const LATE_REPORTS = 4;
const FAST_BURN = 14.4;

/** What the health monitor reports: open and past alerts, how fast the error budgets are used. */
export function Alerts({ view }: PanelProps) {
  const report = view.fleet.monitoring?.alerts ?? null;
  if (report === null) {
    return <p className={styles.empty}>No health monitor has reported yet. Start one: <code>netra alerts --alerts-enabled</code></p>;
  }
  const isSilent = Date.parse(view.fleet.at) - Date.parse(report.at) > LATE_REPORTS * report.everySeconds * 1000;
  const open = report.alerts.filter((one) => one.resolvedAt === null);
  const past = report.alerts.filter((one) => one.resolvedAt !== null);
  return (
    <>
      <p className={styles.soft}>
        {isSilent
          ? <>The health monitor of {report.environment} is silent since {moment(report.at)}: what follows is old.</>
          : <>Evaluated {clock(Date.parse(report.at))} on {report.environment}.</>}
      </p>
      {open.length === 0
        ? <p className={styles.empty}>No alert is open.</p>
        : <AlertTable label="Open alerts" alerts={open} />}
      {past.length > 0 && <details><summary>{past.length} past {past.length === 1 ? "alert" : "alerts"}</summary><AlertTable label="Past alerts" alerts={past} /></details>}
      <Burn report={report} />
    </>
  );
}

function AlertTable({ label, alerts }: { label: string; alerts: readonly AlertEntry[] }) {
  return (
    <div className={styles.scroll} role="region" aria-label={label} tabIndex={0}>
      <table className={styles.table}>
        <thead><tr><th scope="col">Since</th><th scope="col">Until</th><th scope="col">What</th><th scope="col">Evidence</th><th scope="col">Runbook</th></tr></thead>
        <tbody>
          {alerts.map((one) => (
            <tr key={`${one.rule} ${one.startedAt}`}>
              <td><time dateTime={one.startedAt}>{moment(one.startedAt)}</time></td>
              <td>{one.resolvedAt === null ? "open" : <time dateTime={one.resolvedAt}>{moment(one.resolvedAt)}</time>}</td>
              <td><span className={styles.badge} data-status={one.resolvedAt !== null ? undefined : one.severity === "critical" ? "fail" : "warn"}>{one.severity}</span> {one.summary}</td>
              <td>{one.evidence}</td>
              <td className={styles.id}><code>{one.runbook}</code><CopyButton text={one.runbook} label="Copy the runbook's path" /></td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** Burn rates: 1 uses the budget exactly over the objective's time, 14.4 in two days. */
function Burn({ report }: { report: AlertsReport }) {
  const windows = windowsOf(report.burn);
  if (windows.length === 0) return null;
  return (
    <div className={styles.scroll} role="region" aria-label="Error budget burn" tabIndex={0}>
      <table className={styles.table}>
        <thead><tr><th scope="col">Objective</th>{windows.map((one) => <th key={one} scope="col">burn in {one}</th>)}</tr></thead>
        <tbody>
          {report.burn.map((one) => (
            <tr key={one.signal}>
              <td>{one.signal.replaceAll("_", " ")} {one.objective} %</td>
              {windows.map((name) => <Rate key={name} rate={one.rates[name]} />)}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Rate({ rate }: { rate: number | undefined }) {
  if (rate === undefined) return <td>–</td>;
  const status = rate >= FAST_BURN ? "fail" : rate > 1 ? "warn" : "pass";
  return <td><span className={styles.badge} data-status={status}>{rate.toFixed(1)}×</span></td>;
}

/** The windows of all objectives, as the monitor orders them: shortest first. */
function windowsOf(burn: readonly BurnEntry[]): string[] {
  return [...new Set(burn.toSorted((a, b) => Object.keys(b.rates).length - Object.keys(a.rates).length).flatMap((one) => Object.keys(one.rates)))];
}
