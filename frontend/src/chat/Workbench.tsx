"use client";

import { useCallback, useEffect, useMemo, useRef, useState } from "react";

import type { Account } from "../netra-client/browser-session";
import type { Workspace } from "../platform";
import { Sidebar } from "../sidebar/Sidebar";
import { ThreadList } from "../sidebar/thread-list";
import { IconButton } from "../ui/Button";
import { MenuIcon } from "../ui/icons";
import { useStore } from "../ui/use-store";
import { ConnectionStateView } from "./ConnectionState";
import { goToThread, useThreadId } from "./location";
import { Shortcuts } from "./Shortcuts";
import { ThreadPane } from "./ThreadPane";
import { useConnectionState, useIsDegraded } from "./use-platform-state";
import { VersionNotice } from "./VersionNotice";
import styles from "./workbench.module.css";

/** The signed-in page: threads on one side, the open one on the other. */
export function Workbench({ workspace, account }: { workspace: Workspace; account: Account }) {
  const named = useThreadId();
  const list = useMemo(() => new ThreadList(workspace.threads, workspace.client, account.id), [workspace, account.id]);
  const { threads } = useStore(list);
  const state = useConnectionState(workspace);
  const isDegraded = useIsDegraded(state);
  const [isListOpen, setListOpen] = useState(false);
  const menu = useRef<HTMLButtonElement>(null);
  // A new thread has its id before it exists: the message can be sent, and sent again, under it.
  const [fresh, setFresh] = useState(() => crypto.randomUUID());
  const threadId = named ?? fresh;

  useEffect(() => list.open(), [list]);
  useEffect(() => list.show(named), [list, named]);

  const open = useCallback((id: string | null) => {
    setListOpen(false);
    if (id === null) setFresh(crypto.randomUUID());
    goToThread(id);
  }, []);
  const onCreated = useCallback(
    (id: string) => {
      goToThread(id, "replace");
      void list.refresh();
    },
    [list],
  );

  const title = threads.find((thread) => thread.id === named)?.title ?? (named === null ? "New thread" : "");
  useEffect(() => {
    document.title = title ? `${title} · Netra` : "Netra";
  }, [title]);

  return (
    <div className={styles.workbench} data-list={isListOpen || undefined}>
      <a className={styles.skip} href="#message">To the message box</a>
      <div className={styles.side} {...(isListOpen ? { onKeyDown: (event) => { if (event.key === "Escape") { setListOpen(false); menu.current?.focus(); } } } : {})}>
        <Sidebar list={list} account={account} openId={named} onOpen={open} onClose={() => { setListOpen(false); menu.current?.focus(); }} />
      </div>
      {isListOpen && <div className={styles.veil} onClick={() => setListOpen(false)} aria-hidden="true" />}
      <main className={styles.main}>
        <header className={styles.bar}>
          <span className={styles.menu}>
            <IconButton label="Threads" aria-expanded={isListOpen} onClick={() => setListOpen(true)}><MenuIcon /></IconButton>
          </span>
          <h1 className={styles.heading}>{title}</h1>
          <ConnectionStateView state={state} isDegraded={isDegraded} onNow={() => workspace.client.reconnectNow()} />
          <Shortcuts onNew={() => open(null)} onSearch={() => { setListOpen(true); document.getElementById("thread-search")?.focus(); }} />
        </header>
        <VersionNotice state={state} />
        <ThreadPane key={threadId} workspace={workspace} account={account} threadId={threadId} isNamed={named !== null} onCreated={onCreated} />
      </main>
    </div>
  );
}
