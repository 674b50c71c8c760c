"use client";

import { useEffect, useState } from "react";

import { CheckIcon, CopyIcon } from "./icons";
import styles from "./ui.module.css";

const SHOWN_MS = 1600;

/** Copies `text`, and says for a moment whether it worked. */
export function CopyButton({ text, label }: { text: string; label: string }) {
  const [outcome, setOutcome] = useState<"copied" | "failed" | null>(null);
  useEffect(() => {
    if (outcome === null) return undefined;
    const timer = setTimeout(() => setOutcome(null), SHOWN_MS);
    return () => clearTimeout(timer);
  }, [outcome]);
  const copy = (): void => {
    navigator.clipboard.writeText(text).then(
      () => setOutcome("copied"),
      () => setOutcome("failed"),
    );
  };
  const said = outcome === "copied" ? "Copied" : outcome === "failed" ? "Copying was refused" : label;
  return (
    <button type="button" className={styles.iconButton} onClick={copy} aria-label={said} title={said}>
      {outcome === "copied" ? <CheckIcon size={16} /> : <CopyIcon size={16} />}
      <span className="visually-hidden" role="status">{outcome === null ? "" : said}</span>
    </button>
  );
}
