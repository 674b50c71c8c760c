"use client";

import { useSyncExternalStore } from "react";

const NARROW = "(max-width: 52rem)"; // where workbench.module.css lays the list over the thread

/** Whether the list of threads lies over the thread instead of beside it. */
export function useIsNarrow(): boolean {
  return useSyncExternalStore(onNarrowChange, isNarrowNow, () => false);
}

/** Calls `listener` when the list of threads moves over or beside the thread; returns what stops it. */
export function onNarrowChange(listener: (isNarrow: boolean) => void): () => void {
  const query = matchMedia(NARROW);
  const changed = (event: MediaQueryListEvent): void => listener(event.matches);
  query.addEventListener("change", changed);
  return () => query.removeEventListener("change", changed);
}

/** Whether the list of threads lies over the thread at this moment, before the page has rendered it. */
export function isNarrowNow(): boolean {
  return matchMedia(NARROW).matches;
}
