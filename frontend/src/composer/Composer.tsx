"use client";

import { useEffect, useImperativeHandle, useLayoutEffect, useRef, useState, type KeyboardEvent, type Ref } from "react";

import { readDraft, writeDraft } from "../chat/drafts";
import { Button } from "../ui/Button";
import { SendIcon, StopIcon } from "../ui/icons";
import styles from "./composer.module.css";

export interface ComposerHandle {
  /** Puts `text` in, in place of what is there, and goes there. */
  write(text: string): void;
  focus(): void;
}

interface ComposerProps {
  readonly accountId: string;
  readonly threadId: string | null;
  readonly isRunning: boolean;
  readonly isStopping: boolean;
  readonly onSend: (text: string) => boolean;
  readonly onStop: () => void;
  /** The last thing that the person said, for the arrow-up key. */
  readonly lastQuestion: string | null;
  readonly handle: Ref<ComposerHandle>;
}

const MAX_BYTES = 32_768; // SOCKETS__MAX_MESSAGE_BYTES
const WARN_BYTES = 28_000;
const DRAFT_MS = 250;

/** Where messages are written. Enter sends, Shift+Enter breaks the line, Escape stops the answer. */
export function Composer(props: ComposerProps) {
  const { accountId, threadId, isRunning } = props;
  const [text, setText] = useState(() => readDraft(accountId, threadId));
  const box = useRef<HTMLTextAreaElement>(null);
  const bytes = text.length * 4 < WARN_BYTES ? 0 : new TextEncoder().encode(text).length;
  const isTooLong = bytes > MAX_BYTES;
  const canSend = text.trim() !== "" && !isTooLong;

  // Saved a moment after the last key, and in any case when the page goes away.
  const latest = useRef(text);
  useLayoutEffect(() => {
    latest.current = text;
  }, [text]);
  useEffect(() => {
    const timer = setTimeout(() => writeDraft(accountId, threadId, text), DRAFT_MS);
    return () => clearTimeout(timer);
  }, [accountId, threadId, text]);
  useEffect(() => {
    const save = (): void => writeDraft(accountId, threadId, latest.current);
    window.addEventListener("pagehide", save);
    return () => {
      window.removeEventListener("pagehide", save);
      save();
    };
  }, [accountId, threadId]);

  useLayoutEffect(() => {
    const area = box.current;
    if (!area) return;
    area.style.height = "auto";
    area.style.height = `${area.scrollHeight}px`;
    // oxlint-disable-next-line react/exhaustive-deps -- the text is what changes the height
  }, [text]);

  useImperativeHandle(props.handle, () => ({
    write: (next) => {
      setText(next);
      box.current?.focus();
    },
    focus: () => box.current?.focus(),
  }));

  const send = (): void => {
    if (!canSend || !props.onSend(text.trim())) return;
    latest.current = "";
    setText("");
    writeDraft(accountId, threadId, "");
  };
  const keys = (event: KeyboardEvent<HTMLTextAreaElement>): void => {
    if (event.nativeEvent.isComposing) return;
    if (event.key === "Enter" && !event.shiftKey) {
      event.preventDefault();
      send();
    } else if (event.key === "Escape" && isRunning) {
      props.onStop();
    } else if (event.key === "ArrowUp" && text === "" && props.lastQuestion !== null) {
      event.preventDefault();
      setText(props.lastQuestion);
    }
  };

  return (
    <form className={styles.composer} onSubmit={(event) => { event.preventDefault(); send(); }}>
      <div className={styles.box}>
        <label className="visually-hidden" htmlFor="message">Message</label>
        <textarea
          ref={box} id="message" rows={1} value={text} placeholder="Write a message" onKeyDown={keys} enterKeyHint="send"
          onChange={(event) => setText(event.target.value)} aria-describedby="composer-hint" aria-invalid={isTooLong}
        />
        {isRunning && (
          <Button onClick={props.onStop} disabled={props.isStopping} className={styles.action} aria-label="Stop the answer" title="Stop the answer (Esc)"><StopIcon /></Button>
        )}
        {(!isRunning || canSend) && (
          <Button type="submit" tone="primary" disabled={!canSend} className={styles.action} aria-label="Send" title="Send (Enter)"><SendIcon /></Button>
        )}
      </div>
      <p id="composer-hint" className={styles.hint} data-wrong={isTooLong || undefined}>
        {bytes > WARN_BYTES
          ? `${Math.round(bytes / 1024)} of ${MAX_BYTES / 1024} KiB${isTooLong ? ": shorten the message to send it" : ""}`
          : "Enter sends · Shift + Enter breaks the line"}
      </p>
    </form>
  );
}
