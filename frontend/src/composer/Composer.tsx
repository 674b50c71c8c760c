"use client";

import { useEffect, useImperativeHandle, useLayoutEffect, useRef, useState, type KeyboardEvent, type Ref } from "react";

import { readDraft } from "../chat/drafts";
import { isBlank } from "../netra-client/text";
import { Button } from "../ui/Button";
import { SendIcon, StopIcon } from "../ui/icons";
import styles from "./composer.module.css";
import { useDraft } from "./use-draft";

export interface ComposerHandle {
  /** Inserts `text` and moves the focus there; what a person had written stays behind it. */
  write(text: string): void;
  /** Moves the focus there, unless that would open the keyboard of a touch screen. */
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
  /** The message that is being edited is replaced by the next one that is sent. */
  readonly isEditing: boolean;
  readonly onCancelEdit: () => void;
}

const MAX_BYTES = 32_768; // SOCKETS__MAX_MESSAGE_BYTES
const LIMIT = `${MAX_BYTES.toLocaleString("en")} bytes`;
const WARN_BYTES = 28_000;
// A keyboard of glass has no Shift + Enter: there Enter breaks the line and the button sends.
const TOUCH = "(hover: none) and (pointer: coarse)";

/** Where messages are written. Enter sends, Shift+Enter breaks the line. */
export function Composer(props: ComposerProps) {
  const { accountId, threadId, isRunning } = props;
  const [text, setText] = useState(() => readDraft(accountId, threadId));
  const [isTouch] = useState(() => matchMedia(TOUCH).matches);
  const box = useRef<HTMLTextAreaElement>(null);
  const put = useRef<string | null>(null); // what was inserted last, which no person wrote
  const bytes = text.length * 4 < WARN_BYTES ? 0 : new TextEncoder().encode(text).length;
  const isTooLong = bytes > MAX_BYTES;
  const canSend = !isBlank(text) && !isTooLong;

  const forget = useDraft(accountId, threadId, text);

  useLayoutEffect(() => {
    const area = box.current;
    if (!area) return;
    area.style.height = "auto";
    area.style.height = `${area.scrollHeight}px`;
    // oxlint-disable-next-line react/exhaustive-deps -- the text is what changes the height
  }, [text]);

  useImperativeHandle(props.handle, () => ({
    write: (next) => {
      setText(text === "" || text === put.current ? next : `${next}\n\n${text}`);
      put.current = next;
      box.current?.focus();
    },
    focus: () => {
      if (!isTouch) box.current?.focus();
    },
  }));
  // A person who starts a thread wants to write; on touch screens that would open the keyboard.
  const isNew = threadId === null;
  useEffect(() => {
    if (isNew && !isTouch) box.current?.focus();
    // oxlint-disable-next-line react/exhaustive-deps -- where the focus goes at first
  }, []);

  const send = (): void => {
    if (!canSend || !props.onSend(text.trim())) return;
    setText("");
    forget();
    if (!isTouch) box.current?.focus(); // the button may be gone
  };
  const keys = (event: KeyboardEvent<HTMLTextAreaElement>): void => {
    if (event.nativeEvent.isComposing) return;
    if (event.key === "Enter" && (isTouch ? event.ctrlKey || event.metaKey : !event.shiftKey)) {
      event.preventDefault();
      send();
    } else if (event.key === "ArrowUp" && text === "" && props.lastQuestion !== null) {
      event.preventDefault();
      put.current = props.lastQuestion;
      setText(props.lastQuestion);
    }
  };

  return (
    <form className={styles.composer} aria-label={props.isEditing ? "Edit message" : "New message"} onSubmit={(event) => { event.preventDefault(); send(); }}>
      {props.isEditing && (
        <p className={styles.editing} role="status">
          Editing a message: sending starts a new version of the conversation from there.
          <Button small tone="quiet" onClick={() => { setText(""); props.onCancelEdit(); }}>Cancel</Button>
        </p>
      )}
      <div className={styles.box}>
        <label className="visually-hidden" htmlFor="message">Message</label>
        <textarea
          ref={box} id="message" rows={1} value={text} placeholder="Write a message" onKeyDown={keys} enterKeyHint={isTouch ? "enter" : "send"} dir="auto"
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
          ? `${bytes.toLocaleString("en")} of ${LIMIT}${isTooLong ? ": shorten the message to send it" : ""}`
          : `Enter sends · Shift + Enter breaks the line · at most ${LIMIT}`}
      </p>
    </form>
  );
}
