"use client";

import { useEffect, useRef, useState, type KeyboardEvent } from "react";

import type { Thread } from "../netra-client/threads";
import { IconButton } from "../ui/Button";
import { classes } from "../ui/classes";
import { DownIcon, EditIcon, TrashIcon } from "../ui/icons";
import styles from "./sidebar.module.css";

interface ThreadRowProps {
  readonly thread: Thread;
  readonly isOpen: boolean;
  readonly isUnread: boolean;
  readonly isRunning: boolean;
  readonly onOpen: () => void;
  readonly onRename: (title: string) => void;
  readonly onExport: () => void;
  readonly onDelete: () => void;
}

const MAX_TITLE = 120;

/** What a thread is called; it has no title before its first answer. */
export function titleOf(thread: Thread): string {
  return thread.title ?? "New thread";
}

/** One thread in the list. F2 renames, Delete deletes. */
export function ThreadRow(props: ThreadRowProps) {
  const { thread, isOpen, isUnread, isRunning } = props;
  const [isEditing, setEditing] = useState(false);
  const input = useRef<HTMLInputElement>(null);
  const link = useRef<HTMLAnchorElement>(null);
  const comesBack = useRef(false); // by a key, so the focus has to be somewhere afterwards
  const title = titleOf(thread);

  useEffect(() => {
    if (isEditing) input.current?.select();
    else if (comesBack.current) link.current?.focus();
    comesBack.current = false;
  }, [isEditing]);

  const stop = (byKey: boolean): void => {
    comesBack.current = byKey;
    setEditing(false);
  };
  const save = (byKey: boolean): void => {
    const text = input.current?.value.trim() ?? "";
    stop(byKey);
    if (text !== "" && text !== title) props.onRename(text);
  };
  const keys = (event: KeyboardEvent): void => {
    if (event.key === "F2") setEditing(true);
    // The focus moves to the next row: a key held down would empty the list.
    if (event.key === "Delete" && !event.repeat) props.onDelete();
  };

  if (isEditing) {
    return (
      <li className={styles.row}>
        <input
          ref={input} className={styles.rename} defaultValue={title} maxLength={MAX_TITLE} aria-label="Title of the thread" autoFocus
          dir="auto" onBlur={() => save(false)}
          onKeyDown={(event) => {
            event.stopPropagation();
            if (event.nativeEvent.isComposing) return;
            if (event.key === "Enter") save(true);
            if (event.key === "Escape") stop(true);
          }}
        />
      </li>
    );
  }
  return (
    <li className={classes(styles.row, isOpen && styles.open)}>
      <a
        ref={link} href={`/?thread=${thread.id}`} data-thread-link className={styles.link}
        aria-current={isOpen ? "page" : undefined} onKeyDown={keys}
        onClick={(event) => {
          if (event.metaKey || event.ctrlKey || event.shiftKey) return; // a new tab or window
          event.preventDefault();
          props.onOpen();
        }}
      >
        <span dir="auto" className={classes(styles.title, isUnread && styles.unread)}>{title}</span>
        {isRunning && <span className={styles.running}><span className="visually-hidden">, answering</span></span>}
        {isUnread && !isRunning && <span className={styles.dot}><span className="visually-hidden">, unread</span></span>}
      </a>
      <span className={styles.actions}>
        <IconButton label={`Rename “${title}”`} onClick={() => setEditing(true)}><EditIcon size={15} /></IconButton>
        <IconButton label={`Export “${title}”`} onClick={props.onExport}><DownIcon size={15} /></IconButton>
        <IconButton label={`Delete “${title}”`} onClick={props.onDelete}><TrashIcon size={15} /></IconButton>
      </span>
    </li>
  );
}
