"use client";

import { useSyncExternalStore } from "react";

import { IconButton } from "./Button";
import { THEME_KEY as KEY } from "./theme-script";
import { AutoIcon, MoonIcon, SunIcon } from "./icons";

type Theme = "system" | "light" | "dark";

const NEXT: Record<Theme, Theme> = { system: "light", light: "dark", dark: "system" };
const ICONS = { system: <AutoIcon />, light: <SunIcon />, dark: <MoonIcon /> };
const CHANGED = "netra:theme";

function read(): Theme {
  const stored = localStorage.getItem(KEY);
  return stored === "light" || stored === "dark" ? stored : "system";
}

function write(theme: Theme): void {
  if (theme === "system") {
    localStorage.removeItem(KEY);
    delete document.documentElement.dataset["theme"];
  } else {
    localStorage.setItem(KEY, theme);
    document.documentElement.dataset["theme"] = theme;
  }
  window.dispatchEvent(new Event(CHANGED));
}

function subscribe(listener: () => void): () => void {
  window.addEventListener(CHANGED, listener);
  return () => window.removeEventListener(CHANGED, listener);
}

/** Goes round: as the system, light, dark. */
export function ThemeButton() {
  const theme = useSyncExternalStore(subscribe, read, () => "system" as const);
  return (
    <IconButton label={`Theme: ${theme}. Change to ${NEXT[theme]}`} onClick={() => write(NEXT[theme])}>
      {ICONS[theme]}
    </IconButton>
  );
}
