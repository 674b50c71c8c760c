"use client";

import { useMemo } from "react";

import { LateModule, useLateModule } from "../ui/late-module";
import styles from "./markdown.module.css";

const maths = new LateModule(() => import("./maths"));

/** The time to convert grows with the length: 2,000 characters take 10 ms. */
const MAX_CHARACTERS = 2_000;

/** TeX as MathML; its source until the converter is loaded, or when the TeX is wrong. */
export function Formula({ text, isBlock }: { text: string; isBlock: boolean }) {
  const module = useLateModule(maths);
  const formula = useMemo(
    () => (module === null || text.length > MAX_CHARACTERS ? null : module.renderFormula(text, isBlock)),
    [module, text, isBlock],
  );
  if (formula === null) return <code>{text}</code>;
  if (!isBlock) return formula;
  return <span className={styles.formula} tabIndex={0} role="group" aria-label="Formula">{formula}</span>;
}
