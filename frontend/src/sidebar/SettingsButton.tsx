"use client";

import { useEffect, useRef } from "react";

import { Button, IconButton } from "../ui/Button";
import { SettingsIcon } from "../ui/icons";
import { SETTINGS, useSetting, writeSetting, type SettingName } from "../ui/settings";
import { ThemeChoice } from "../ui/ThemeChoice";
import styles from "./sidebar.module.css";

const SHOWN: readonly { readonly name: SettingName; readonly label: string; readonly hint: string }[] = [
  { name: "density", label: "Density", hint: "Compact shows more messages at a time" },
  { name: "announcements", label: "Announcements", hint: "Screen readers hear answers while they stream" },
  { name: "images", label: "Images in answers", hint: "Ask shows them on request: a load is seen by the host of the image" },
];

/** What a person can choose for this browser. */
export function SettingsButton() {
  const dialog = useRef<HTMLDialogElement>(null);
  const density = useSetting("density");
  useEffect(() => {
    document.documentElement.dataset["density"] = density;
  }, [density]);
  return (
    <>
      <IconButton label="Settings" onClick={() => dialog.current?.showModal()}><SettingsIcon /></IconButton>
      <dialog ref={dialog} className={styles.settings} aria-labelledby="settings-title">
        <h2 id="settings-title">Settings</h2>
        <ThemeChoice />
        {SHOWN.map(({ name, label, hint }) => <Choice key={name} name={name} label={label} hint={hint} />)}
        <form method="dialog"><Button type="submit">Done</Button></form>
      </dialog>
    </>
  );
}

function Choice({ name, label, hint }: { name: SettingName; label: string; hint: string }) {
  const value = useSetting(name);
  return (
    <label className={styles.setting}>
      <span>{label}<small>{hint}</small></span>
      <select value={value} onChange={(event) => writeSetting(name, event.target.value as typeof value)}>
        {SETTINGS[name].map((choice) => <option key={choice} value={choice}>{choice}</option>)}
      </select>
    </label>
  );
}
