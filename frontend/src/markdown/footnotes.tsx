"use client";

import { createContext, use, useId, useMemo, type ReactNode } from "react";

import type { Block } from "./blocks";
import type { FootnoteDefinition } from "./extensions";
import styles from "./markdown.module.css";

interface Footnotes {
  readonly prefix: string;
  /** The labels in the order of their definitions. */
  readonly labels: readonly string[];
}

const FootnoteContext = createContext<Footnotes>({ prefix: "", labels: [] });

/** Makes the footnotes of one text known to the references in it. */
export function FootnoteScope({ blocks, children }: { blocks: readonly Block[]; children: ReactNode }) {
  const prefix = useId();
  const key = labelsOf(blocks).join("\n");
  const value = useMemo(() => ({ prefix, labels: key === "" ? [] : key.split("\n") }), [prefix, key]);
  return <FootnoteContext value={value}>{children}</FootnoteContext>;
}

/** Returns the labels of all definitions, each once. */
export function labelsOf(blocks: readonly Block[]): string[] {
  const labels = blocks.flatMap(({ tokens }) => (tokens[0]?.type === "footnote" ? [(tokens[0] as FootnoteDefinition).label] : []));
  return [...new Set(labels)];
}

/** The number in the text; moves to the note. A button, because addresses of this page stay its own. */
export function FootnoteMark({ label, raw }: { label: string; raw: string }) {
  const { prefix, labels } = use(FootnoteContext);
  const index = labels.indexOf(label);
  if (index < 0) return raw; // no note of this name, or not yet
  const show = (): void => document.getElementById(noteId(prefix, index))?.focus();
  return <sup><button type="button" className={styles.noteMark} aria-label={`Footnote ${index + 1}`} onClick={show}>{index + 1}</button></sup>;
}

export function FootnoteText({ label, children }: { label: string; children: ReactNode }) {
  const { prefix, labels } = use(FootnoteContext);
  const index = labels.indexOf(label);
  return <p id={noteId(prefix, index)} tabIndex={-1} dir="auto" className={styles.note}><sup>{index + 1}</sup> {children}</p>;
}

function noteId(prefix: string, index: number): string {
  return `${prefix}note-${index + 1}`;
}
