"use client";

import { useEffect, type RefObject } from "react";

import type { Direction } from "./intent";

const PAGE = 0.9; // of the visible height, as browsers scroll by a page

/** The page keys scroll the conversation while a person writes, as long as the draft needs no scrolling. */
export function usePageKeys(scroller: RefObject<HTMLElement | null>, move: (direction: Direction) => void): void {
  useEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      const { key, target } = event;
      const element = scroller.current;
      if ((key !== "PageUp" && key !== "PageDown") || event.defaultPrevented || !element || element.contains(target as Node)) return;
      const isDraft = target instanceof HTMLTextAreaElement && target.scrollHeight <= target.clientHeight;
      if (!isDraft && target !== document.body) return;
      event.preventDefault();
      const isUp = key === "PageUp";
      move(isUp ? "up" : "down");
      element.scrollBy({ top: (isUp ? -1 : 1) * element.clientHeight * PAGE });
    };
    window.addEventListener("keydown", onKey);
    return () => window.removeEventListener("keydown", onKey);
  }, [scroller, move]);
}
