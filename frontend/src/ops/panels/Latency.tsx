"use client";

import { TimeChart, format } from "../charts/TimeChart";
import type { Latency as Percentiles } from "../fleet";
import styles from "../ops.module.css";
import type { PanelProps } from "../panels";
import type { Sample } from "../timeline";

const SERIES = [
  { label: "p50", ink: "--accent" },
  { label: "p95", ink: "--warn", dash: [6, 3] },
  { label: "p99", ink: "--danger", dash: [2, 3] },
];

/** How long handshakes and commands take on the slowest instance, and this page's own round trips. */
export function Latency({ view }: PanelProps) {
  const times = view.samples.map((sample) => sample.at);
  const rows = (pick: (sample: Sample) => Percentiles): (number | null)[][] => [
    view.samples.map((sample) => pick(sample).p50Ms),
    view.samples.map((sample) => pick(sample).p95Ms),
    view.samples.map((sample) => pick(sample).p99Ms),
  ];
  const sorted = [...view.pings].sort((a, b) => a - b);
  return (
    <>
      <TimeChart
        title="Handshake" unit="ms" series={SERIES} times={times} values={rows((sample) => sample.handshake)}
        empty="No handshake in the last minute."
      />
      <TimeChart
        title="Command, in the server" unit="ms" series={SERIES} times={times} values={rows((sample) => sample.command)}
        empty="No command in the last minute."
      />
      <p className={styles.soft}>
        Percentiles of the last minute on the slowest instance. Round trip from this page:{" "}
        {sorted.length === 0
          ? "not measured yet"
          : `${format(at(sorted, 0.5), "ms")} median, ${format(at(sorted, 0.95), "ms")} p95 of ${sorted.length} ${sorted.length === 1 ? "ping" : "pings"}`}.
      </p>
    </>
  );
}

function at(sorted: readonly number[], share: number): number | null {
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? null;
}
