"use client";

import { THEMES, useTheme, writeTheme, type Theme } from "./theme";
import styles from "./ui.module.css";

/** The theme as a list of choices. */
export function ThemeChoice() {
  return (
    <label className={styles.choice}>
      <span>Theme</span>
      <select value={useTheme()} onChange={(event) => writeTheme(event.target.value as Theme)}>
        {THEMES.map((theme) => <option key={theme} value={theme}>{theme}</option>)}
      </select>
    </label>
  );
}
