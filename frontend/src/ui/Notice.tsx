import type { ReactNode } from "react";

import styles from "./ui.module.css";

/** A sentence that matters now, with what can be done about it. */
export function Notice({ tone, children, action }: { tone: "plain" | "warn" | "danger" | "accent"; children: ReactNode; action?: ReactNode }) {
  return (
    <div className={styles.notice} data-tone={tone}>
      <p>{children}</p>
      {action}
    </div>
  );
}
