"use client";

import { CLOSE_CODES } from "../../netra-client/codes.generated";
import { Bars, type Bar } from "../charts/Bars";
import { TimeChart } from "../charts/TimeChart";
import type { InstanceView } from "../fleet";
import styles from "../ops.module.css";
import type { PanelProps } from "../panels";

const SERIES = [{ label: "open", ink: "--accent" }];

/** Who is connected where, and how connections ended. */
export function Connections({ view }: PanelProps) {
  const { instances } = view.fleet;
  const busiest = Math.max(1, ...instances.map((one) => one.connections.open));
  return (
    <>
      <TimeChart
        title="Open sockets" unit="" series={SERIES} empty="No sample yet."
        times={view.samples.map((sample) => sample.at)} values={[view.samples.map((sample) => sample.open)]}
      />
      <div className={styles.split}>
        <section>
          <h3>By instance</h3>
          <Bars
            empty="No instance."
            bars={instances.map((one) => ({
              key: one.instanceId, label: one.instanceId, value: one.connections.open, of: busiest,
              note: `of ${one.connections.limit}, ${one.connections.users} ${one.connections.users === 1 ? "person" : "people"}`, tone: "accent",
            }))}
          />
        </section>
        <section>
          <h3>Closes by code since the start</h3>
          <Bars bars={closes(instances)} empty="No socket has closed yet." />
          <Refusals instances={instances} />
        </section>
      </div>
    </>
  );
}

function closes(instances: readonly InstanceView[]): readonly Bar[] {
  const counts = new Map<number, { name: string; count: number }>();
  for (const instance of instances) {
    for (const [code, { count, name }] of Object.entries(instance.connections.closeCodes)) {
      const known = counts.get(Number(code));
      counts.set(Number(code), { name, count: count + (known?.count ?? 0) });
    }
  }
  const most = Math.max(1, ...[...counts.values()].map((one) => one.count));
  return [...counts.entries()]
    .sort(([a], [b]) => a - b)
    .map(([code, { name, count }]) => ({
      key: String(code), label: `${code} ${name.replaceAll("_", " ")}`, value: count, of: most,
      tone: toneOf(code), note: CLOSE_CODES.get(code)?.meaning ?? "",
      isNoteHidden: true,
    }));
}

/** 1000 and 1001 are people leaving, 1012 a deploy; 1006, 1011 and the 45xx are worth a look. */
function toneOf(code: number): Bar["tone"] {
  if (code === 1000 || code === 1001 || code === 1012) return "accent";
  return code === 1006 || code === 1011 || code >= 4500 ? "danger" : "warn";
}

function Refusals({ instances }: { instances: readonly InstanceView[] }) {
  const totals = new Map<string, number>();
  for (const instance of instances) {
    for (const [code, count] of Object.entries(instance.connections.refusedHandshakes)) {
      totals.set(code, count + (totals.get(code) ?? 0));
    }
  }
  if (totals.size === 0) return null;
  return (
    <p className={styles.soft}>
      Refused handshakes: {[...totals].map(([code, count]) => `${code.replaceAll("_", " ")} ${count}`).join(", ")}
    </p>
  );
}
