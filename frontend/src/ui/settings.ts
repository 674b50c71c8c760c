"use client";

// What a person chose for this browser. The theme has its own key, which a script reads before the first paint.

import { useSyncExternalStore } from "react";

/** The choices of each setting; the first one is the default. */
export const SETTINGS = {
  density: ["comfortable", "compact"],
  announcements: ["on", "off"],
  images: ["ask", "always"],
  threads: ["shown", "hidden"],
} as const;

export type SettingName = keyof typeof SETTINGS;
export type Setting<N extends SettingName> = (typeof SETTINGS)[N][number];

const CHANGED = "netra:setting";

const keyOf = (name: SettingName): string => `netra.${name}`;

export function readSetting<N extends SettingName>(name: N): Setting<N> {
  const choices: readonly string[] = SETTINGS[name];
  const stored = localStorage.getItem(keyOf(name));
  return (stored !== null && choices.includes(stored) ? stored : choices[0]) as Setting<N>;
}

export function writeSetting<N extends SettingName>(name: N, value: Setting<N>): void {
  try {
    localStorage.setItem(keyOf(name), value);
  } catch {
    // The storage is full: the choice is not kept.
  }
  window.dispatchEvent(new Event(CHANGED));
}

/** Returns the setting, also after another tab changed it. */
export function useSetting<N extends SettingName>(name: N): Setting<N> {
  return useSyncExternalStore(subscribe, () => readSetting(name), () => SETTINGS[name][0]);
}

function subscribe(listener: () => void): () => void {
  window.addEventListener(CHANGED, listener);
  window.addEventListener("storage", listener);
  return () => {
    window.removeEventListener(CHANGED, listener);
    window.removeEventListener("storage", listener);
  };
}
