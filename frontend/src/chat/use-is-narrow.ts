"use client";

import { useSyncExternalStore } from "react";

const NARROW = "(max-width: 52rem)"; // where workbench.module.css lays the list over the thread

/** Whether the list of threads lies over the thread instead of beside it. */
export function useIsNarrow(): boolean {
  return useSyncExternalStore(subscribe, () => matchMedia(NARROW).matches, () => false);
}

function subscribe(listener: () => void): () => void {
  const query = matchMedia(NARROW);
  query.addEventListener("change", listener);
  return () => query.removeEventListener("change", listener);
}
