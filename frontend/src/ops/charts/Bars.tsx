import styles from "../ops.module.css";

export interface Bar {
  readonly key: string;
  readonly label: string;
  readonly value: number;
  /** The value at which the bar fills its row. */
  readonly of: number;
  readonly tone: "accent" | "warn" | "danger";
  readonly note: string;
  /** The note is a tooltip only. */
  readonly isNoteHidden?: boolean;
}

/** Counts side by side; each is a number first and a bar second. */
export function Bars({ bars, empty }: { bars: readonly Bar[]; empty: string }) {
  if (bars.length === 0) return <p className={styles.empty}>{empty}</p>;
  return (
    <ul className={styles.bars}>
      {bars.map((bar) => (
        <li key={bar.key} title={bar.note}>
          <span className={styles.barLabel}>{bar.label}</span>
          <b>{bar.value}</b>
          {!bar.isNoteHidden && <span className={styles.soft}>{bar.note}</span>}
          <svg className={styles.bar} viewBox="0 0 100 4" preserveAspectRatio="none" aria-hidden="true">
            <rect className={styles.barGround} width="100" height="4" />
            <rect data-tone={bar.tone} width={(100 * bar.value) / bar.of} height="4" />
          </svg>
        </li>
      ))}
    </ul>
  );
}
