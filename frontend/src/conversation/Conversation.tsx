"use client";

import { useCallback, useEffect, useLayoutEffect, useMemo, useRef, useState } from "react";
import { VList, type VListHandle } from "virtua";

import type { InterruptAnswer } from "../netra-client/client";
import type { OutboxEntry } from "../netra-client/outbox";
import { Button } from "../ui/Button";
import { DownIcon } from "../ui/icons";
import { Notice } from "../ui/Notice";
import { PaneBoundary } from "../ui/PaneBoundary";
import { Announcer } from "./Announcer";
import { AnswerView } from "./AnswerView";
import styles from "./conversation.module.css";
import type { Item } from "./model";
import { PendingView } from "./PendingView";
import { QuestionView } from "./QuestionView";
import { useFollow } from "./use-follow";
import type { ThreadView } from "./thread-store";
import { useIsPrinting } from "./use-is-printing";

interface ConversationProps {
  readonly view: ThreadView;
  readonly pending: readonly OutboxEntry[];
  readonly onOlder: () => void;
  readonly onReload: () => void;
  readonly onResend: (text: string) => void;
  readonly onEdit: (text: string) => void;
  readonly onAnswer: (answers: readonly InterruptAnswer[]) => Promise<void>;
  readonly pendingActions: {
    readonly retry: (commandId: string) => void;
    readonly now: (commandId: string) => void;
    readonly discard: (entry: OutboxEntry) => void;
  };
}

const OLDER_PX = 320;
const PAGE = 0.9; // of the visible height, as browsers scroll by a page
const SETTLE_MS = 150; // rows are measured in the frames after they came in

/** The thread's items, only those in sight in the document; stays at the end unless scrolled away. */
export function Conversation(props: ConversationProps) {
  const { view, pending, onOlder } = props;
  const list = useRef<VListHandle>(null);
  const box = useRef<HTMLDivElement>(null);
  const { isFollowing, isAway, follow, move, scrolled } = useFollow(box);
  const items = view.items;
  const sent = useMemo(() => new Set(items.map((item) => item.id)), [items]);
  const waiting = pending.filter((entry) => !sent.has(entry.message.id));
  const count = items.length + waiting.length;

  const toEnd = useCallback(() => {
    const handle = list.current;
    if (handle && isFollowing.current) handle.scrollTo(handle.scrollSize);
  }, [isFollowing]);
  // A person who sends wants to see it.
  const newest = waiting.at(-1)?.commandId;
  useLayoutEffect(() => {
    if (newest !== undefined) follow();
  }, [newest, follow]);
  useLayoutEffect(toEnd, [items, count, toEnd]);
  // Heights are measured after the first paint: scroll to the end once more.
  useEffect(() => {
    const frame = requestAnimationFrame(toEnd);
    return () => cancelAnimationFrame(frame);
  }, [items, count, toEnd]);

  useEffect(() => {
    const element = box.current;
    if (!element) return undefined;
    const observer = new ResizeObserver(() => {
      requestAnimationFrame(() => {
        toEnd();
        const handle = list.current;
        if (handle && handle.scrollSize <= handle.viewportSize) follow(); // everything fits now
      });
    });
    observer.observe(element);
    return () => observer.disconnect();
  }, [toEnd, follow]);

  // The page keys scroll the conversation while one writes, as long as the draft needs no scrolling.
  useEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      const { key, target } = event;
      const isUp = key === "PageUp";
      if ((!isUp && key !== "PageDown") || event.defaultPrevented || box.current?.contains(target as Node)) return;
      const isDraft = target instanceof HTMLTextAreaElement && target.scrollHeight <= target.clientHeight;
      if (!isDraft && target !== document.body) return;
      const handle = list.current;
      if (!handle) return;
      event.preventDefault();
      move(isUp);
      handle.scrollBy((isUp ? -1 : 1) * handle.viewportSize * PAGE);
    };
    window.addEventListener("keydown", onKey);
    return () => window.removeEventListener("keydown", onKey);
  }, [move]);

  const first = items[0]?.id;
  // Earlier messages came in above: what is in sight must stay where it is.
  const [known, setKnown] = useState(first);
  const isPrepend = known !== undefined && first !== known && items.some((item) => item.id === known);
  useEffect(() => setKnown(first), [first]);

  const onScroll = (offset: number): void => {
    const handle = list.current;
    if (!handle) return;
    scrolled({ offset, scrollSize: handle.scrollSize, viewportSize: handle.viewportSize });
    if (offset < OLDER_PX && view.hasOlder && !view.loadingOlder) onOlder();
  };
  // At the very top nothing scrolls further: what comes in there has to load the next messages.
  const { hasOlder, loadingOlder } = view;
  useEffect(() => {
    if (!hasOlder || loadingOlder || isFollowing.current) return undefined;
    const timer = setTimeout(() => {
      if ((list.current?.scrollOffset ?? Infinity) < OLDER_PX) onOlder();
    }, SETTLE_MS);
    return () => clearTimeout(timer);
  }, [hasOlder, loadingOlder, items, onOlder, isFollowing]);

  const isPrinting = useIsPrinting();
  const lastIndex = items.length - 1;
  const row = (item: Item, index: number) => {
    if (item.kind === "question") {
      return <QuestionView text={item.text} createdAt={item.createdAt} onEdit={props.onEdit} />;
    }
    const before = items[index - 1];
    const question = before?.kind === "question" ? before.text : null;
    return (
      <AnswerView
        answer={item} isLast={index === lastIndex && waiting.length === 0}
        onAnswer={props.onAnswer} question={question} onResend={props.onResend}
      />
    );
  };

  const rows = [
    ...items.map((item, index) => <div key={item.id} className={styles.column} data-kind={item.kind}><PaneBoundary name="This message" resetKey={item.id}>{row(item, index)}</PaneBoundary></div>),
    ...waiting.map((entry) => (
      <div key={entry.message.id} className={styles.column} data-kind="question">
        <PendingView entry={entry} actions={props.pendingActions} />
      </div>
    )),
  ];

  return (
    <div className={styles.frame} ref={box}>
      <VList ref={list} className={styles.list} shift={isPrepend} onScroll={onScroll} bufferSize={400} role="log" aria-label="Conversation" aria-live="off" tabIndex={0}>
        {view.hasOlder && <p className={styles.older}>Loading earlier messages…</p>}
        {view.status === "failed" && (
          <div className={styles.column}>
            <Notice tone="danger" action={<Button small onClick={props.onReload}>Try again</Button>}>
              The messages cannot be loaded. {view.failure?.message}
            </Notice>
          </div>
        )}
        {rows}
        <div className={styles.end} />
      </VList>
      {isPrinting && <div className={styles.paper}>{rows}</div>}
      {isAway && (
        <Button small className={styles.toEnd} onClick={() => { follow(); toEnd(); }}>
          <DownIcon size={15} /> {view.activeRunId === null ? "To the end" : "Follow the answer"}
        </Button>
      )}
      <Announcer items={items} />
    </div>
  );
}
