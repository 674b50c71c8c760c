"use client";

import { useSyncExternalStore } from "react";

const CHANGED = "netra:location";
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** Returns the thread that the address names, or null for a new one. */
export function useThreadId(): string | null {
  return useSyncExternalStore(subscribe, read, () => null);
}

/** Opens a thread; null starts a new one. */
export function goToThread(id: string | null, how: "push" | "replace" = "push"): void {
  const url = id === null ? "/" : `/?thread=${id}`;
  if (how === "push") history.pushState(null, "", url);
  else history.replaceState(null, "", url);
  window.dispatchEvent(new Event(CHANGED));
}

function read(): string | null {
  const id = new URLSearchParams(location.search).get("thread");
  return id !== null && UUID.test(id) ? id.toLowerCase() : null;
}

function subscribe(listener: () => void): () => void {
  window.addEventListener("popstate", listener);
  window.addEventListener(CHANGED, listener);
  return () => {
    window.removeEventListener("popstate", listener);
    window.removeEventListener(CHANGED, listener);
  };
}
