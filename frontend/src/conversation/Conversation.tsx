"use client";

import { memo, useEffect, useEffectEvent, useLayoutEffect, useMemo, useRef, useState } from "react";
import { Virtualizer } from "virtua";

import type { InterruptAnswer } from "../netra-client/client";
import type { OutboxEntry } from "../netra-client/outbox";
import { Button } from "../ui/Button";
import { DownIcon } from "../ui/icons";
import { Notice } from "../ui/Notice";
import { PaneBoundary } from "../ui/PaneBoundary";
import { Announcer } from "./Announcer";
import { AnswerView } from "./AnswerView";
import styles from "./conversation.module.css";
import { Branches, type BranchActions } from "./Branches";
import type { Item, Question } from "./model";
import { PendingView } from "./PendingView";
import { QuestionView } from "./QuestionView";
import type { ThreadView } from "./thread-store";
import { useFollow } from "./use-follow";
import { usePageKeys } from "./use-page-keys";
import { useIsPrinting } from "./use-is-printing";

interface ConversationProps {
  readonly view: ThreadView;
  readonly pending: readonly OutboxEntry[];
  readonly isLive: boolean;
  readonly onOlder: () => void;
  readonly onReload: () => void;
  readonly onSend: (text: string) => void;
  readonly onRegenerate: (question: Question) => void;
  readonly onEdit: (question: Question) => void;
  readonly branches: BranchActions;
  readonly onStop: () => void;
  readonly onAnswer: (answers: readonly InterruptAnswer[]) => Promise<void>;
  readonly pendingActions: {
    readonly retry: (commandId: string) => void;
    readonly now: (commandId: string) => void;
    readonly discard: (entry: OutboxEntry) => void;
  };
}

const OLDER_PX = 320;
const OLDER_ROW_PX = 48; // the height of .older
const SETTLE_MS = 150; // rows are measured in the frames after they were inserted

/**
 * The thread's items; only those in sight are in the document, and the newest question with its
 * answer. Those two are outside the virtual list, because the list moves the view when one of its
 * rows grows while a person scrolls.
 */
export function Conversation(props: ConversationProps) {
  const { view, pending, onOlder } = props;
  const scroller = useRef<HTMLDivElement>(null);
  const content = useRef<HTMLDivElement>(null);
  const { items, hasOlder, loadingOlder } = view;
  const sent = useMemo(() => new Set(items.map((item) => item.id)), [items]);
  const waiting = pending.filter((entry) => !sent.has(entry.message.id));
  const { isFollowing, follow, move } = useFollow(scroller, content);

  // Who sends a message wants to see it.
  const newest = waiting.at(-1)?.commandId;
  useLayoutEffect(() => {
    if (newest !== undefined) follow();
  }, [newest, follow]);

  usePageKeys(scroller, move);

  // Earlier messages are inserted above: what is in sight must keep its place.
  const first = items[0]?.id;
  const [known, setKnown] = useState(first);
  const isPrepend = known !== undefined && first !== known && items.some((item) => item.id === known);
  useEffect(() => setKnown(first), [first]);

  const requestOlder = (): void => {
    const offset = scroller.current?.scrollTop ?? Infinity;
    if (offset < OLDER_PX && hasOlder && !loadingOlder && !isFollowing) onOlder();
  };
  const requestOlderLater = useEffectEvent(requestOlder);
  // At the very top no further scroll event occurs: the page that arrived requests the next one.
  useEffect(() => {
    const timer = setTimeout(() => requestOlderLater(), SETTLE_MS);
    return () => clearTimeout(timer);
  }, [hasOlder, loadingOlder, items, isFollowing]);

  const isPrinting = useIsPrinting();
  const split = tailStart(items);
  const row = (item: Item, index: number) => (
    <div key={item.id} className={styles.column} data-kind={item.kind}>
      <PaneBoundary name="This message" resetKey={item.id}>
        <Row
        item={item} before={items[index - 1]} isLast={index === items.length - 1 && waiting.length === 0}
        canChange={view.activeRunId === null} onAnswer={props.onAnswer} onEdit={props.onEdit} onSend={props.onSend}
        onRegenerate={props.onRegenerate} onStop={props.onStop} branches={props.branches}
        />
      </PaneBoundary>
    </div>
  );
  const tail = (
    <>
      {items.slice(split).map((item, index) => row(item, split + index))}
      {waiting.map((entry) => (
        <div key={entry.message.id} className={styles.column} data-kind="question">
          <PendingView entry={entry} isLive={props.isLive} actions={props.pendingActions} />
        </div>
      ))}
    </>
  );
  const history = useMemo(() => items.slice(0, split), [items, split]);

  return (
    <div className={styles.frame}>
      <div ref={scroller} className={styles.list} role="log" aria-label="Conversation" aria-live="off" tabIndex={0} onScroll={requestOlder}>
        <div ref={content}>
          {hasOlder && <p className={styles.older}>Loading earlier messages…</p>}
          {view.status === "failed" && (
            <div className={styles.column}>
              <Notice tone="danger" action={<Button small onClick={props.onReload}>Try again</Button>}>
                The messages cannot be loaded. {view.failure?.message}
              </Notice>
            </div>
          )}
          <Virtualizer scrollRef={scroller} data={history} shift={isPrepend} bufferSize={400} startMargin={hasOlder ? OLDER_ROW_PX : 0}>
            {row}
          </Virtualizer>
          {tail}
          <div className={styles.end} />
        </div>
      </div>
      {isPrinting && <div className={styles.paper}>{history.map(row)}{tail}</div>}
      {!isFollowing && (
        <Button small className={styles.toEnd} onClick={follow}>
          <DownIcon size={15} /> {view.activeRunId === null ? "To the end" : "Follow the answer"}
        </Button>
      )}
      <Announcer items={items} />
    </div>
  );
}

interface RowProps extends Pick<ConversationProps, "onAnswer" | "onEdit" | "onSend" | "onRegenerate" | "onStop" | "branches"> {
  readonly item: Item;
  readonly canChange: boolean;
  readonly before: Item | undefined;
  readonly isLast: boolean;
}

const Row = memo(function Row({ item, before, isLast, canChange, onAnswer, onEdit, onSend, onRegenerate, onStop, branches }: RowProps) {
  const messageId = item.kind === "question" ? item.id : item.messageId;
  const switcher = item.siblings && messageId !== null && (
    <Branches messageId={messageId} siblings={item.siblings} canChange={canChange} actions={branches} />
  );
  if (item.kind === "question") {
    return <QuestionView text={item.text} createdAt={item.createdAt} onEdit={() => onEdit(item)} branches={switcher} />;
  }
  const question = before?.kind === "question" ? before : null;
  return (
    <AnswerView
      answer={item} isLast={isLast} question={question?.text ?? null} branches={switcher} onAnswer={onAnswer} onContinue={onSend} onStop={onStop}
      onRegenerate={() => question && onRegenerate(question)}
    />
  );
});

/** Returns the index of the newest question: from there on, items stay in the document. */
function tailStart(items: readonly Item[]): number {
  const question = items.findLastIndex((item) => item.kind === "question");
  return question < 0 ? Math.max(0, items.length - 1) : question;
}
