"use client";

import type { Account } from "../netra-client/browser-session";
import { currentSession } from "../platform";
import { IconButton } from "../ui/Button";
import { LeaveIcon, PulseIcon } from "../ui/icons";
import { ThemeButton } from "../ui/ThemeButton";
import { SettingsButton } from "./SettingsButton";
import styles from "./sidebar.module.css";

/** The account, the theme, settings, sign-out; for operators, the link to the operations page. */
export function AccountMenu({ account }: { account: Account }) {
  const name = account.display_name ?? account.email;
  return (
    <div className={styles.account}>
      <span className={styles.who} title={account.email}>{name}</span>
      {account.roles.includes("operator") && (
        <a href="/ops" className={styles.ops} aria-label="Operations" title="Operations"><PulseIcon /></a>
      )}
      <ThemeButton />
      <SettingsButton />
      <IconButton label="Sign out" onClick={() => void currentSession().signOut().catch(() => undefined)}>
        <LeaveIcon />
      </IconButton>
    </div>
  );
}
