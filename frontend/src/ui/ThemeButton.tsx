"use client";

import { IconButton } from "./Button";
import { AutoIcon, MoonIcon, SunIcon } from "./icons";
import { useTheme, writeTheme, type Theme } from "./theme";

const NEXT: Record<Theme, Theme> = { system: "light", light: "dark", dark: "system" };
const ICONS = { system: <AutoIcon />, light: <SunIcon />, dark: <MoonIcon /> };

/** Switches from the system's theme to light, to dark, and back. */
export function ThemeButton() {
  const theme = useTheme();
  return (
    <IconButton label={`Theme: ${theme}. Change to ${NEXT[theme]}`} onClick={() => writeTheme(NEXT[theme])}>
      {ICONS[theme]}
    </IconButton>
  );
}
