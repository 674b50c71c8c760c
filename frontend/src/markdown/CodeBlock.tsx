"use client";

import { useDeferredValue, useMemo } from "react";

import { CopyButton } from "../ui/CopyButton";
import { LateModule, useLateModule } from "../ui/late-module";
import styles from "./markdown.module.css";

const colours = new LateModule(() => import("./highlight"));

/** Longer code is not coloured: 16,000 characters take 10 ms, which a frame can spare. */
const MAX_COLOURED = 16_000;

/** A block of code with its language, its colours and a button that copies it. */
export function CodeBlock({ code, language }: { code: string; language: string }) {
  const name = (language.split(/[\s{:]/, 1)[0] ?? "").toLowerCase();
  return (
    <figure className={styles.code}>
      <figcaption>
        <span>{name || "text"}</span>
        <CopyButton text={code} label="Copy code" />
      </figcaption>
      <pre tabIndex={0} aria-label={name ? `Code, ${name}` : "Code"}>
        <code>{name !== "" && code.length <= MAX_COLOURED ? <Coloured code={code} language={name} /> : code}</code>
      </pre>
    </figure>
  );
}

/** Colours follow a moment behind the text, so that they never delay it. */
function Coloured({ code, language }: { code: string; language: string }) {
  const module = useLateModule(colours);
  const deferred = useDeferredValue(code);
  const known = code.startsWith(deferred) ? deferred : code;
  const coloured = useMemo(() => module?.highlight(known, language) ?? known, [module, known, language]);
  return <>{coloured}{code.slice(known.length)}</>;
}
