"use client";

import { useCallback, useEffect, useLayoutEffect, useRef } from "react";

import { writeDraft } from "../chat/drafts";

const PAUSE_MS = 250;

/**
 * Keeps `text` as the thread's draft: a moment after the last key, and in any case when the page
 * is closed. A draft that this page has not changed is not written: another tab may have sent it.
 *
 * @returns forgets the draft, because it has been sent
 */
export function useDraft(accountId: string, threadId: string | null, text: string): () => void {
  const latest = useRef(text);
  const kept = useRef(text);
  const named = useRef(threadId);
  useLayoutEffect(() => {
    latest.current = text;
  }, [text]);
  const keep = useCallback(() => {
    if (latest.current === kept.current) return;
    kept.current = latest.current;
    writeDraft(accountId, threadId, latest.current);
  }, [accountId, threadId]);
  useEffect(() => {
    const timer = setTimeout(keep, PAUSE_MS);
    return () => clearTimeout(timer);
  }, [keep, text]);
  useEffect(() => {
    if (named.current !== threadId) {
      // A new thread got its name while something was being written: that goes with it.
      writeDraft(accountId, named.current, "");
      writeDraft(accountId, threadId, latest.current);
      named.current = threadId;
    }
    window.addEventListener("pagehide", keep);
    return () => {
      window.removeEventListener("pagehide", keep);
      keep();
    };
  }, [accountId, threadId, keep]);
  return useCallback(() => {
    latest.current = "";
    kept.current = "";
    writeDraft(accountId, threadId, "");
  }, [accountId, threadId]);
}
