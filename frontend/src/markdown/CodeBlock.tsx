"use client";

import { CopyButton } from "../ui/CopyButton";
import styles from "./markdown.module.css";

/** A block of code with its language and a button that copies it. */
export function CodeBlock({ code, language }: { code: string; language: string }) {
  const name = language.split(/\s/, 1)[0] ?? "";
  return (
    <figure className={styles.code}>
      <figcaption>
        <span>{name || "text"}</span>
        <CopyButton text={code} label="Copy code" />
      </figcaption>
      <pre tabIndex={0} aria-label={name ? `Code, ${name}` : "Code"}>
        <code>{code}</code>
      </pre>
    </figure>
  );
}
