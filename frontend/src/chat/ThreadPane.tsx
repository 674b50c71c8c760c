"use client";

import { useCallback, useEffect, useMemo, useRef, useState, useSyncExternalStore } from "react";

import { Composer, type ComposerHandle } from "../composer/Composer";
import { Conversation } from "../conversation/Conversation";
import type { Account } from "../netra-client/browser-session";
import type { Question } from "../conversation/model";
import type { InterruptAnswer, RunOrder } from "../netra-client/client";
import { asNetraError } from "../netra-client/errors";
import type { OutboxEntry } from "../netra-client/outbox";
import type { Workspace } from "../platform";
import { Notice } from "../ui/Notice";
import { useStore } from "../ui/use-store";
import { Greeting } from "./Greeting";
import { useEscape } from "./use-escape";
import { useConnectionState } from "./use-platform-state";
import { useThread } from "./use-thread";
import styles from "./workbench.module.css";

interface ThreadPaneProps {
  readonly workspace: Workspace;
  readonly account: Account;
  readonly threadId: string;
  /** False for a thread that the address does not name yet. */
  readonly isNamed: boolean;
  readonly onCreated: (id: string) => void;
}

const NO_ENTRIES: readonly OutboxEntry[] = [];

/** One thread: its conversation and where one writes. */
export function ThreadPane({ workspace, account, threadId, isNamed, onCreated }: ThreadPaneProps) {
  const { client, outbox } = workspace;
  const isLive = useConnectionState(workspace).kind === "live";
  const store = useThread(workspace, threadId, !isNamed);
  const view = useStore(store);
  const entries = useSyncExternalStore((listener) => outbox.watch(listener), () => outbox.entries, () => NO_ENTRIES);
  const pending = useMemo(() => entries.filter((entry) => entry.threadId === threadId), [entries, threadId]);
  const composer = useRef<ComposerHandle>(null);
  const [problem, setProblem] = useState<string | null>(null);
  const [stopping, setStopping] = useState<string | null>(null);

  const discarded = useRef(new Set<string>());
  // What left the outbox was acknowledged: the thread shows it before the next reload.
  const before = useRef(pending);
  useEffect(() => {
    for (const entry of before.current) {
      const gone = !pending.some((one) => one.commandId === entry.commandId);
      if (gone && entry.state !== "refused" && !discarded.current.delete(entry.commandId)) {
        store.addQuestion({ kind: "question", id: entry.message.id, text: entry.message.content, createdAt: entry.sentAt });
        if (entry.createThread && !isNamed) onCreated(threadId);
      }
    }
    before.current = pending;
  }, [pending, store, isNamed, onCreated, threadId]);

  const [edited, setEdited] = useState<Question | null>(null);
  const createsThread = !isNamed || view.status === "new";
  const submit = useCallback(
    (order: Omit<RunOrder, "threadId" | "commandId">): boolean => {
      const taken = outbox.send({ threadId, commandId: crypto.randomUUID(), ...order }, createsThread);
      setProblem(taken ? null : "Too many messages wait to be sent.");
      return taken;
    },
    [outbox, threadId, createsThread],
  );
  const send = useCallback(
    (text: string): boolean => {
      const message = { id: crypto.randomUUID(), content: text };
      if (edited === null) return submit({ message });
      setEdited(null);
      store
        .parentOf(edited)
        .then((parentId) => {
          if (submit({ message, parentId })) store.fork(edited.id, "before");
        })
        .catch((reason: unknown) => {
          setProblem(`The message was not sent: ${asNetraError(reason).message}`);
          composer.current?.write(text);
        });
      return true;
    },
    [submit, store, edited],
  );
  const regenerate = useCallback(
    (question: Question): void => {
      composer.current?.focus();
      if (submit({ message: { id: question.id, content: question.text }, regenerate: true })) store.fork(question.id, "with");
    },
    [submit, store],
  );
  const branches = useMemo(() => {
    const report = (reason: unknown): void => setProblem(asNetraError(reason).message);
    return {
      activate: (messageId: string) => void store.activateBranch(messageId).catch(report),
      remove: (messageId: string) => void store.removeBranch(messageId).catch(report),
    };
  }, [store]);
  const stop = useCallback(() => {
    const runId = view.activeRunId;
    if (runId === null) return;
    setStopping(runId);
    composer.current?.focus(); // the button is gone when the answer has ended
    client.cancelRun(runId).catch((reason: unknown) => {
      setStopping(null);
      setProblem(`The answer could not be stopped: ${asNetraError(reason).message}`);
    });
  }, [client, view.activeRunId]);

  const answer = useCallback(
    async (resume: readonly InterruptAnswer[]): Promise<void> => {
      setProblem(null);
      try {
        await client.resumeRun({ threadId, commandId: crypto.randomUUID(), resume });
        composer.current?.focus();
      } catch (reason) {
        setProblem(`Your answer did not arrive: ${asNetraError(reason).message}`);
        throw reason;
      }
    },
    [client, threadId],
  );

  const loadOlder = useCallback(() => {
    store.loadOlder().catch((reason: unknown) => setProblem(asNetraError(reason).message));
  }, [store]);

  const write = useCallback((text: string) => composer.current?.write(text), []);
  const edit = useCallback(
    (question: Question) => {
      setEdited(question);
      write(question.text);
    },
    [write],
  );

  const lastQuestion = view.items.findLast((item) => item.kind === "question");
  const isRunning = view.activeRunId !== null;
  useEscape(isRunning && isLive, stop);
  const isEmpty = view.items.length === 0 && pending.length === 0 && (view.status === "new" || view.status === "ready");

  return (
    <>
      {view.status === "missing" ? (
        <div className={styles.empty}><h2>This thread does not exist</h2><p>It was deleted, or it belongs to someone else.</p></div>
      ) : isEmpty ? (
        <Greeting name={account.display_name} isOperator={account.roles.includes("operator")} onPick={write} />
      ) : (
        <Conversation
          view={view} pending={pending} isLive={isLive}
          onOlder={loadOlder}
          onReload={() => store.retry()}
          onSend={send}
          onRegenerate={regenerate}
          onAnswer={answer}
          onStop={stop}
          onEdit={edit}
          branches={branches}
          pendingActions={{
            retry: (id) => outbox.retry(id),
            now: (id) => outbox.interruptWith(id),
            discard: (entry) => {
              discarded.current.add(entry.commandId);
              outbox.discard(entry.commandId);
              write(entry.message.content);
            },
          }}
        />
      )}
      <div role="alert" className={styles.problem}>{problem && <Notice tone="danger">{problem}</Notice>}</div>
      {view.status !== "missing" && (
        <Composer
          handle={composer} accountId={account.id} threadId={isNamed ? threadId : null}
          isRunning={isRunning} isStopping={!isLive || (stopping !== null && stopping === view.activeRunId)}
          onSend={send} onStop={stop}
          isEditing={edited !== null} onCancelEdit={() => setEdited(null)}
          lastQuestion={lastQuestion?.kind === "question" ? lastQuestion.text : null}
        />
      )}
    </>
  );
}
