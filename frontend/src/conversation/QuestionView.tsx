"use client";

import { memo, type ReactNode } from "react";

import { IconButton } from "../ui/Button";
import { CopyButton } from "../ui/CopyButton";
import { EditIcon } from "../ui/icons";
import styles from "./conversation.module.css";

interface QuestionViewProps {
  readonly text: string;
  /** Unix ms. */
  readonly createdAt: number;
  readonly onEdit: (() => void) | null;
  /** Shown beside the actions: which version of the message this is. */
  readonly branches?: ReactNode;
  /** Shown below: sending, waiting, refused. */
  readonly state?: ReactNode;
}

/** What the person wrote. */
export const QuestionView = memo(function QuestionView({ text, createdAt, onEdit, branches, state }: QuestionViewProps) {
  return (
    <article className={styles.question} aria-label="You">
      <div className={styles.saidRow}>
        <span className={styles.questionActions}>
          <CopyButton text={text} label="Copy message" />
          {onEdit && <IconButton label="Edit and send again" onClick={onEdit}><EditIcon size={15} /></IconButton>}
        </span>
        <p className={styles.said} dir="auto" title={new Date(createdAt).toLocaleString()}>{text}</p>
      </div>
      {branches}
      {state}
    </article>
  );
});
