"use client";

import { useCallback, useEffect, useMemo, useRef, useState } from "react";
import { flushSync } from "react-dom";

import { ImagesContext } from "../markdown/images";
import type { Account } from "../netra-client/browser-session";
import type { Workspace } from "../platform";
import { Sidebar } from "../sidebar/Sidebar";
import { titleOf } from "../sidebar/ThreadRow";
import { ThreadList } from "../sidebar/thread-list";
import { IconButton } from "../ui/Button";
import { MenuIcon } from "../ui/icons";
import { PaneBoundary } from "../ui/PaneBoundary";
import { useSetting, writeSetting } from "../ui/settings";
import { useStore } from "../ui/use-store";
import { ConnectionStateView } from "./ConnectionState";
import { goToThread, useThreadId } from "./location";
import { Shortcuts } from "./Shortcuts";
import { ThreadPane } from "./ThreadPane";
import { isNarrowNow, onNarrowChange, useIsNarrow } from "./use-is-narrow";
import { useConnectionState, useIsDegraded, useIsStalled } from "./use-platform-state";
import { VersionNotice } from "./VersionNotice";
import styles from "./workbench.module.css";

function unsentThread(workspace: Workspace): string | undefined {
  return workspace.outbox.entries.findLast((entry) => entry.createThread)?.threadId;
}

/** The signed-in page: threads on one side, the open one on the other. */
export function Workbench({ workspace, account }: { workspace: Workspace; account: Account }) {
  const named = useThreadId();
  const list = useMemo(() => new ThreadList(workspace.threads, workspace.client, account.id), [workspace, account.id]);
  const shown = useStore(list).open;
  const state = useConnectionState(workspace);
  const isDegraded = useIsDegraded(state);
  const isStalled = useIsStalled(workspace, state);
  const [isListAsked, setListAsked] = useState(false);
  const isNarrow = useIsNarrow();
  const isListOpen = isNarrow && isListAsked;
  const isListHidden = useSetting("threads") === "hidden" && !isNarrow;
  const menu = useRef<HTMLButtonElement>(null);
  const side = useRef<HTMLDivElement>(null);
  // A new thread has its id before it exists: the message can be sent, and sent again, under it.
  // One whose first message still waits to be sent is what a reload has to show.
  const [fresh, setFresh] = useState(() => unsentThread(workspace) ?? crypto.randomUUID());
  const threadId = named ?? fresh;

  useEffect(() => list.open(), [list]);
  useEffect(() => list.show(named), [list, named]);

  // The window became narrow while someone searched: the list stays open, as the focus is in it.
  useEffect(() => onNarrowChange((becameNarrow) => {
    const isUsed = side.current?.contains(document.activeElement) ?? false;
    flushSync(() => setListAsked(becameNarrow && isUsed));
  }), []);

  // The list is a layer on narrow screens: the focus moves into it, and back where it was.
  const openList = (focused: string): void => {
    const isLayer = isNarrowNow(); // a key can follow a resize before the page has rendered it
    flushSync(() => {
      setListAsked(isLayer);
      if (!isLayer) writeSetting("threads", "shown");
    });
    document.getElementById(focused)?.focus();
  };
  const closeList = useCallback(() => {
    flushSync(() => setListAsked(false));
    menu.current?.focus();
  }, []);
  const hideList = (): void => {
    if (!isNarrow) flushSync(() => writeSetting("threads", "hidden"));
    closeList();
  };
  const open = useCallback((id: string | null) => {
    closeList();
    if (id === null) setFresh(crypto.randomUUID());
    goToThread(id);
  }, [closeList]);
  const onCreated = useCallback(
    (id: string) => {
      goToThread(id, "replace");
      setFresh(crypto.randomUUID()); // going back to an unnamed address starts another thread
      void list.refresh();
    },
    [list],
  );

  const title = named === null ? "New thread" : shown?.id === named ? titleOf(shown) : "";
  useEffect(() => {
    document.title = title ? `${title} · Netra` : "Netra";
  }, [title]);

  return (
    <div className={styles.workbench} data-list={isListOpen || undefined} data-hidden={isListHidden || undefined}>
      <a className={styles.skip} href="#message">To the message box</a>
      <div ref={side} className={styles.side} {...(isListOpen ? { onKeyDown: (event) => { if (event.key === "Escape") closeList(); } } : {})}>
        <PaneBoundary name="The thread list" resetKey={named ?? ""}>
          <Sidebar list={list} account={account} openId={named} onOpen={open} onClose={hideList} />
        </PaneBoundary>
      </div>
      {isListOpen && <div className={styles.veil} onClick={closeList} aria-hidden="true" />}
      <main className={styles.main} inert={isListOpen} data-offline={state.kind !== "live" || undefined}>
        <header className={styles.bar}>
          <span className={styles.menu}>
            <IconButton ref={menu} label="Threads" aria-expanded={isNarrow ? isListOpen : !isListHidden} onClick={() => openList("close-list")}><MenuIcon /></IconButton>
          </span>
          <h1 className={styles.heading} dir="auto">{title}</h1>
          <ConnectionStateView state={state} isDegraded={isDegraded} isStalled={isStalled} onNow={() => workspace.client.reconnectNow()} />
          <Shortcuts onNew={() => open(null)} onSearch={() => openList("thread-search")} />
        </header>
        <VersionNotice state={state} />
        <PaneBoundary name="This thread" resetKey={threadId}>
          <ImagesContext value={workspace.images}>
            <ThreadPane key={threadId} workspace={workspace} account={account} threadId={threadId} isNamed={named !== null} onCreated={onCreated} />
          </ImagesContext>
        </PaneBoundary>
      </main>
    </div>
  );
}
