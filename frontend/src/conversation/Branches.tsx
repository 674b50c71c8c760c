"use client";

import type { Siblings } from "../netra-client/threads";
import { IconButton } from "../ui/Button";
import { BackIcon, ChevronIcon, TrashIcon } from "../ui/icons";
import styles from "./conversation.module.css";

export interface BranchActions {
  readonly activate: (messageId: string) => void;
  readonly remove: (messageId: string) => void;
}

interface BranchesProps {
  readonly messageId: string;
  readonly siblings: Siblings;
  /** False while an answer streams: the server changes no branch then. */
  readonly canChange: boolean;
  readonly actions: BranchActions;
}

/** ‹ 2/3 ›: which version of a message is shown, and the way to the others. */
export function Branches({ messageId, siblings, canChange, actions }: BranchesProps) {
  const { index, count, previous, next } = siblings;
  if (count < 2) return null;
  const remove = (): void => {
    if (confirm("Delete this version, and everything that follows it?")) actions.remove(messageId);
  };
  return (
    <span className={styles.branches} role="group" aria-label="Versions">
      <IconButton label="Previous version" disabled={!canChange || previous === null} onClick={() => previous !== null && actions.activate(previous)}><BackIcon size={15} /></IconButton>
      <span aria-label={`Version ${index + 1} of ${count}`} role="img">{index + 1}/{count}</span>
      <IconButton label="Next version" disabled={!canChange || next === null} onClick={() => next !== null && actions.activate(next)}><ChevronIcon size={15} /></IconButton>
      <IconButton label="Delete this version" disabled={!canChange} onClick={remove}><TrashIcon size={15} /></IconButton>
    </span>
  );
}
