import type { Fleet } from "./fleet";
import styles from "./ops.module.css";

/** The four numbers to look at first. */
export function Summary({ fleet }: { fleet: Fleet }) {
  const { instances } = fleet;
  const total = (count: (one: Fleet["instances"][number]) => number): number => instances.reduce((all, one) => all + count(one), 0);
  const ready = instances.filter((one) => one.readiness.status !== "fail").length;
  const degraded = instances.filter((one) => one.readiness.status === "warn").length;
  const lateImports = total((one) => one.lateImports);
  const figures = [
    {
      label: "Instances ready", value: `${ready} of ${instances.length}`, note: degraded > 0 ? `${degraded} degraded` : "",
      status: ready < instances.length ? "fail" : degraded > 0 ? "warn" : "pass",
    },
    { label: "Open sockets", value: String(total((one) => one.connections.open)), note: "", status: "pass" },
    { label: "Active runs", value: String(total((one) => one.runs.active)), note: "", status: "pass" },
    {
      label: "Late imports", value: String(lateImports), note: lateImports > 0 ? "must be 0: see docs/import-stability.md" : "",
      status: lateImports > 0 ? "fail" : "pass",
    },
  ];
  return (
    <dl className={styles.summary}>
      {figures.map(({ label, value, note, status }) => (
        <div key={label} data-status={status}>
          <dt>{label}</dt>
          <dd>{value} {note !== "" && <small>{note}</small>}</dd>
        </div>
      ))}
    </dl>
  );
}
