"use client";

import { useEffect, useEffectEvent } from "react";

/** Calls `action` when Escape is pressed anywhere on the page, unless a field or a dialog takes the key. */
export function useEscape(isActive: boolean, action: () => void): void {
  const act = useEffectEvent(action);
  useEffect(() => {
    if (!isActive) return undefined;
    const onKey = (event: KeyboardEvent): void => {
      if (event.key !== "Escape" || event.defaultPrevented || event.isComposing) return;
      const isField = event.target instanceof Element && event.target.matches("input, select");
      if (!isField && document.querySelector("dialog[open]") === null) act();
    };
    window.addEventListener("keydown", onKey);
    return () => window.removeEventListener("keydown", onKey);
  }, [isActive]);
}
