"use client";

import { memo, type ReactNode } from "react";

import { IconButton } from "../ui/Button";
import { CopyButton } from "../ui/CopyButton";
import { EditIcon } from "../ui/icons";
import styles from "./conversation.module.css";

interface QuestionViewProps {
  readonly text: string;
  readonly onEdit: (() => void) | null;
  /** Shown below: on its way, waiting, refused. */
  readonly state?: ReactNode;
}

/** What the person said. */
export const QuestionView = memo(function QuestionView({ text, onEdit, state }: QuestionViewProps) {
  return (
    <article className={styles.question} aria-label="You">
      <div className={styles.saidRow}>
        <span className={styles.questionActions}>
          <CopyButton text={text} label="Copy message" />
          {onEdit && <IconButton label="Edit and send again" onClick={onEdit}><EditIcon size={15} /></IconButton>}
        </span>
        <p className={styles.said}>{text}</p>
      </div>
      {state}
    </article>
  );
});
