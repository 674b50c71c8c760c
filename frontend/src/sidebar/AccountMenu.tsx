"use client";

import type { Account } from "../netra-client/browser-session";
import { currentSession } from "../platform";
import { IconButton } from "../ui/Button";
import { LeaveIcon, PulseIcon } from "../ui/icons";
import { ThemeButton } from "../ui/ThemeButton";
import styles from "./sidebar.module.css";

/** Who is signed in, the theme, the way out; for operators, the way to the operations page. */
export function AccountMenu({ account }: { account: Account }) {
  const name = account.display_name ?? account.email;
  return (
    <div className={styles.account}>
      <span className={styles.who} title={account.email}>{name}</span>
      {account.roles.includes("operator") && (
        <a href="/ops" className={styles.ops} aria-label="Operations" title="Operations"><PulseIcon /></a>
      )}
      <ThemeButton />
      <IconButton label="Sign out" onClick={() => void currentSession().signOut().catch(() => undefined)}>
        <LeaveIcon />
      </IconButton>
    </div>
  );
}
