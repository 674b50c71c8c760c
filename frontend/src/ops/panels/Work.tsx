"use client";

import { TimeChart } from "../charts/TimeChart";
import styles from "../ops.module.css";
import type { PanelProps } from "../panels";

const RUNS = [{ label: "active", ink: "--accent" }];
const QUEUES = [{ label: "frames waiting", ink: "--warn" }];

/** Active runs, and what waits on its way to clients. */
export function Work({ view }: PanelProps) {
  const times = view.samples.map((sample) => sample.at);
  return (
    <>
      <div className={styles.split}>
        <TimeChart title="Active runs" unit="" series={RUNS} times={times} values={[view.samples.map((sample) => sample.runs)]} empty="No sample yet." />
        <TimeChart title="Outbound queues" unit="" series={QUEUES} times={times} values={[view.samples.map((sample) => sample.outbound)]} empty="No sample yet." />
      </div>
      <div className={styles.scroll} role="region" aria-label="Runs and depths by instance" tabIndex={0}>
        <table className={styles.table}>
          <thead>
            <tr><th scope="col">Instance</th><th scope="col">Runs</th><th scope="col">Feeds</th><th scope="col">Subscriptions</th><th scope="col">Producers</th><th scope="col">Longest queue</th><th scope="col">Stream store</th></tr>
          </thead>
          <tbody>
            {view.fleet.instances.map(({ instanceId, runs, streams }) => (
              <tr key={instanceId}>
                <th scope="row"><code>{instanceId}</code></th>
                <td>{runs.active} <span className={styles.soft}>of {runs.limit}</span></td>
                <td>{streams.feeds}</td><td>{streams.subscriptions}</td><td>{streams.producers}</td>
                <td>{streams.outboundMax} <span className={styles.soft}>of {streams.outboundLimit}</span></td>
                <td><span className={styles.badge} data-status={streams.storeUnavailable ? "warn" : "pass"}>{streams.storeUnavailable ? "unavailable" : "answers"}</span></td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </>
  );
}
