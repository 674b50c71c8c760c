"use client";

import { useEffect, useMemo } from "react";

import { ConnectionStateView } from "../chat/ConnectionState";
import { useConnectionState } from "../chat/use-platform-state";
import type { Workspace } from "../platform";
import { Mark } from "../ui/icons";
import { Notice } from "../ui/Notice";
import { PaneBoundary } from "../ui/PaneBoundary";
import { ThemeButton } from "../ui/ThemeButton";
import { useStore } from "../ui/use-store";
import { clock } from "./charts/TimeChart";
import { FleetStore, type FleetView } from "./fleet-store";
import styles from "./ops.module.css";
import { PANELS } from "./panels";
import { Summary } from "./Summary";

/** The fleet, live. */
export function Operations({ workspace }: { workspace: Workspace }) {
  const store = useMemo(() => new FleetStore(workspace.client), [workspace]);
  const view = useStore(store);
  const state = useConnectionState(workspace);
  useEffect(() => store.open(), [store]);
  useEffect(() => {
    document.title = "Operations · Netra";
  }, []);
  const { fleet } = view;
  return (
    <div className={styles.page}>
      <header className={styles.head}>
        <a href="/" className={styles.home} aria-label="To the chat"><Mark size={22} /></a>
        <h1>Operations</h1>
        <ConnectionStateView state={state} isDegraded={fleet?.storeUnavailable ?? false} onNow={() => workspace.client.reconnectNow()} />
        <ThemeButton />
      </header>
      <main className={styles.main}>
        <div role="status"><Trouble view={view} /></div>
        {fleet === null ? (
          view.problem === null && <p className={styles.empty}>Waiting for the first snapshot…</p>
        ) : (
          <>
            <Summary fleet={fleet} />
            <div className={styles.panels}>
              {PANELS.map(({ id, title, Content, isWide }) => (
                <section key={id} className={styles.panel} data-wide={isWide || undefined} aria-labelledby={`panel-${id}`}>
                  <h2 id={`panel-${id}`}>{title}</h2>
                  <PaneBoundary name={title} resetKey={fleet.at}>
                    <Content view={{ ...view, fleet }} />
                  </PaneBoundary>
                </section>
              ))}
            </div>
          </>
        )}
      </main>
    </div>
  );
}

function Trouble({ view }: { view: FleetView }) {
  const { status, fleet, problem } = view;
  if (status === "failed" && problem !== null) {
    return <Notice tone="danger">The fleet cannot be shown: {problem.message}</Notice>;
  }
  if (status === "stale" && fleet !== null) {
    return <Notice tone="warn">Nothing new since {clock(Date.parse(fleet.at))}: what you see is old.</Notice>;
  }
  if (fleet?.storeUnavailable) {
    return <Notice tone="warn">Valkey does not answer: only instance {fleet.seenBy} is shown. Its sockets stay open.</Notice>;
  }
  return null;
}
