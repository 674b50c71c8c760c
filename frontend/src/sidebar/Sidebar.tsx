"use client";

import { useEffect, useRef, useState, type KeyboardEvent } from "react";
import { flushSync } from "react-dom";

import type { Account } from "../netra-client/browser-session";
import { asNetraError } from "../netra-client/errors";
import type { Thread } from "../netra-client/threads";
import { Button, IconButton } from "../ui/Button";
import { CloseIcon, Mark, PlusIcon, SearchIcon } from "../ui/icons";
import { useStore } from "../ui/use-store";
import { AccountMenu } from "./AccountMenu";
import styles from "./sidebar.module.css";
import { saveAs } from "./save-as";
import { ThreadRow, titleOf } from "./ThreadRow";
import type { ThreadList } from "./thread-list";

interface SidebarProps {
  readonly list: ThreadList;
  readonly account: Account;
  readonly openId: string | null;
  readonly onOpen: (id: string | null) => void;
  readonly onClose: () => void;
}

const UNDO_MS = 15_000; // time to read it and to reach the button

/** Threads: find, open, rename, delete and take that back. */
export function Sidebar({ list, account, openId, onOpen, onClose }: SidebarProps) {
  const view = useStore(list);
  const [deleted, setDeleted] = useState<{ id: string; title: string; wasOpen: boolean } | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  const rows = useRef<HTMLUListElement>(null);
  const search = useRef<HTMLInputElement>(null);

  useEffect(() => {
    if (deleted === null) return undefined;
    const timer = setTimeout(() => setDeleted(null), UNDO_MS);
    return () => clearTimeout(timer);
  }, [deleted]);

  const attempt = (work: Promise<void>): void => {
    setProblem(null);
    work.catch((reason: unknown) => setProblem(asNetraError(reason).message));
  };

  const links = (): HTMLElement[] => [...(rows.current?.querySelectorAll<HTMLElement>("[data-thread-link]") ?? [])];

  const remove = (thread: Thread, place: number): void => {
    const hadFocus = rows.current?.contains(document.activeElement) ?? false;
    const wasOpen = thread.id === openId;
    flushSync(() => {
      setDeleted({ id: thread.id, title: titleOf(thread), wasOpen });
      attempt(list.remove(thread.id));
    });
    if (wasOpen) onOpen(null);
    // The focused row is gone: the focus moves to its neighbour.
    else if (hadFocus) (links()[place] ?? links().at(-1) ?? search.current)?.focus();
  };
  const restore = ({ id, wasOpen }: { id: string; wasOpen: boolean }): void => {
    attempt(list.restore(id));
    setDeleted(null);
    if (wasOpen) onOpen(id);
    else links()[0]?.focus(); // the button is gone
  };

  const move = (event: KeyboardEvent): void => {
    if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return;
    const all = links();
    const next = all[all.indexOf(document.activeElement as HTMLElement) + (event.key === "ArrowDown" ? 1 : -1)];
    if (next === undefined) return;
    event.preventDefault();
    next.focus();
  };

  return (
    <nav className={styles.sidebar} aria-label="Threads">
      <div className={styles.head}>
        <span className={styles.brand}><Mark /><span>Netra</span></span>
        <IconButton label="New thread" onClick={() => onOpen(null)}><PlusIcon /></IconButton>
        <IconButton id="close-list" label="Close the list" onClick={onClose}><CloseIcon /></IconButton>
      </div>
      <label className={styles.search}>
        <SearchIcon size={16} />
        <span className="visually-hidden">Search threads</span>
        <input
          ref={search} type="search" id="thread-search" dir="auto" placeholder="Search threads" value={view.query} autoComplete="off"
          onChange={(event) => list.search(event.target.value)}
          onKeyDown={(event) => {
            if (event.key === "Escape") list.search("");
            if (event.key === "ArrowDown") links()[0]?.focus();
          }}
        />
      </label>
      {view.status === "ready" && view.threads.length === 0 && (
        <p className={styles.empty}>{view.query.trim() ? "No thread has these words." : "Your threads will be listed here."}</p>
      )}
      {view.status === "failed" && (
        <p className={styles.empty}>
          The threads cannot be loaded. <button type="button" onClick={() => void list.refresh()}>Try again</button>
        </p>
      )}
      <ul className={styles.rows} ref={rows} onKeyDown={move} aria-busy={view.status === "loading"}>
        {view.threads.map((thread, place) => (
          <ThreadRow
            key={thread.id} thread={thread} isOpen={thread.id === openId}
            isUnread={view.unread.has(thread.id)} isRunning={view.running.has(thread.id)}
            onOpen={() => onOpen(thread.id)}
            onRename={(title) => attempt(list.rename(thread.id, title))}
            onExport={() => attempt(list.export(thread.id).then((text) => saveAs(`netra-${thread.id}.md`, text)))}
            onDelete={() => remove(thread, place)}
          />
        ))}
        {view.hasMore && (
          <li><Button tone="quiet" small className={styles.more} onClick={() => attempt(list.more())}>Show older threads</Button></li>
        )}
      </ul>
      <div className={styles.foot}>
        <div role="status">
          {deleted && (
            <div className={styles.undo}>
              <span>Deleted “<bdi>{deleted.title}</bdi>”</span>
              <Button small tone="quiet" onClick={() => restore(deleted)}>Undo</Button>
            </div>
          )}
          {problem && <p className={styles.problem}>{problem}</p>}
        </div>
        <AccountMenu account={account} />
      </div>
    </nav>
  );
}
