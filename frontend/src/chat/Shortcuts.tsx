"use client";

import { useEffect, useEffectEvent, useRef } from "react";

import { Button, IconButton } from "../ui/Button";
import { KeyboardIcon } from "../ui/icons";
import styles from "./workbench.module.css";

const KEYS: readonly (readonly [string, string])[] = [
  ["Enter", "Send the message"],
  ["Shift + Enter", "Break the line"],
  ["↑", "Edit your last message, in an empty box"],
  ["Esc", "Stop the answer"],
  ["Ctrl + K", "Search threads"],
  ["Alt + N", "New thread"],
  ["F2 · Delete", "Rename or delete the thread in the list"],
  ["?", "Show these keys"],
];

/** The page's keys: acts on them, and shows them. */
export function Shortcuts({ onNew, onSearch }: { onNew: () => void; onSearch: () => void }) {
  const dialog = useRef<HTMLDialogElement>(null);
  const act = useEffectEvent((event: KeyboardEvent): void => {
    const typing = event.target instanceof HTMLElement && event.target.matches("input, textarea");
    if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k") onSearch();
    else if (event.altKey && event.code === "KeyN") onNew();
    else if (event.key === "?" && !typing) dialog.current?.showModal();
    else return;
    event.preventDefault();
  });
  useEffect(() => {
    const keys = (event: KeyboardEvent): void => act(event);
    window.addEventListener("keydown", keys);
    return () => window.removeEventListener("keydown", keys);
  }, []);
  return (
    <>
      <IconButton label="Keyboard shortcuts" className={styles.keysButton} onClick={() => dialog.current?.showModal()}><KeyboardIcon /></IconButton>
      <dialog ref={dialog} className={styles.dialog} aria-labelledby="keys-title">
        <h2 id="keys-title">Keys</h2>
        <dl className={styles.keys}>
          {KEYS.map(([key, meaning]) => (
            <div key={key}><dt><kbd>{key}</kbd></dt><dd>{meaning}</dd></div>
          ))}
        </dl>
        <form method="dialog"><Button type="submit">Close</Button></form>
      </dialog>
    </>
  );
}
