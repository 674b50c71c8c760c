import type { NetraError } from "../netra-client/errors";
import { Mark } from "./icons";
import styles from "./splash.module.css";

/** Shown until the session is known; with the reason when that takes long. */
export function Splash({ failure }: { failure: NetraError | null }) {
  return (
    <main className={styles.page} aria-busy="true">
      <Mark size={40} />
      <h1 className={styles.name}>Netra</h1>
      <p role="status" className={styles.note}>
        {failure === null ? "" : `${failure.message} Trying again.`}
      </p>
      {failure !== null && <a href="/doctor" className={styles.link}>Check the connection</a>}
    </main>
  );
}
