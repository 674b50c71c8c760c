"use client";

import { memo, useEffect, useRef, useState, type KeyboardEvent } from "react";

import type { Thread } from "../netra-client/threads";
import { IconButton } from "../ui/Button";
import { classes } from "../ui/classes";
import { EditIcon, TrashIcon } from "../ui/icons";
import styles from "./sidebar.module.css";

interface ThreadRowProps {
  readonly thread: Thread;
  readonly isOpen: boolean;
  readonly isUnread: boolean;
  readonly isRunning: boolean;
  readonly onOpen: () => void;
  readonly onRename: (title: string) => void;
  readonly onDelete: () => void;
}

const MAX_TITLE = 120;

/** One thread in the list. F2 renames, Delete deletes. */
export const ThreadRow = memo(function ThreadRow(props: ThreadRowProps) {
  const { thread, isOpen, isUnread, isRunning } = props;
  const [isEditing, setEditing] = useState(false);
  const input = useRef<HTMLInputElement>(null);
  const link = useRef<HTMLAnchorElement>(null);
  const title = thread.title ?? "New thread";

  useEffect(() => {
    if (isEditing) input.current?.select();
  }, [isEditing]);

  const save = (): void => {
    const text = input.current?.value.trim() ?? "";
    setEditing(false);
    if (text !== "" && text !== thread.title) props.onRename(text);
    link.current?.focus();
  };
  const keys = (event: KeyboardEvent): void => {
    if (event.key === "F2") setEditing(true);
    if (event.key === "Delete") props.onDelete();
  };

  if (isEditing) {
    return (
      <li className={styles.row}>
        <input
          ref={input} className={styles.rename} defaultValue={title} maxLength={MAX_TITLE} aria-label="Title of the thread" autoFocus
          onBlur={save}
          onKeyDown={(event) => {
            event.stopPropagation();
            if (event.key === "Enter") save();
            if (event.key === "Escape") setEditing(false);
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
        <span className={classes(styles.title, isUnread && styles.unread)}>{title}</span>
        {isRunning && <span className={styles.running}><span className="visually-hidden">, answering</span></span>}
        {isUnread && !isRunning && <span className={styles.dot}><span className="visually-hidden">, unread</span></span>}
      </a>
      <span className={styles.actions}>
        <IconButton label={`Rename “${title}”`} onClick={() => setEditing(true)}><EditIcon size={15} /></IconButton>
        <IconButton label={`Delete “${title}”`} onClick={props.onDelete}><TrashIcon size={15} /></IconButton>
      </span>
    </li>
  );
});
