"use client";

import type { OutboxEntry } from "../netra-client/outbox";
import { Button } from "../ui/Button";
import { Notice } from "../ui/Notice";
import { QuestionView } from "./QuestionView";
import styles from "./conversation.module.css";

interface PendingViewProps {
  readonly entry: OutboxEntry;
  readonly isLive: boolean;
  readonly actions: {
    readonly retry: (commandId: string) => void;
    readonly now: (commandId: string) => void;
    readonly discard: (entry: OutboxEntry) => void;
  };
}

/** A message that the server does not have yet, and what is known about why. */
export function PendingView({ entry, isLive, actions }: PendingViewProps) {
  return <QuestionView text={entry.message.content} createdAt={entry.sentAt} onEdit={null} state={<State entry={entry} isLive={isLive} actions={actions} />} />;
}

function State({ entry, isLive, actions }: PendingViewProps) {
  const takeBack = <Button small tone="quiet" onClick={() => actions.discard(entry)}>Take back</Button>;
  switch (entry.state) {
    case "sending":
      return <span className={styles.state} role="status">{isLive ? "Sending…" : <>Waiting for connection {takeBack}</>}</span>;
    case "waiting-for-run":
      return (
        <span className={styles.state} role="status">
          Sent when the present answer is done
          <Button small tone="quiet" onClick={() => actions.now(entry.commandId)}>Interrupt and send</Button>
          {takeBack}
        </span>
      );
    case "refused":
      return (
        <Notice tone="danger" action={<><Button small onClick={() => actions.retry(entry.commandId)}>Send again</Button>{takeBack}</>}>
          Not sent. {entry.failure?.message}
        </Notice>
      );
  }
}
