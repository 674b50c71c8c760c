"use client";

import { useEffect, useMemo } from "react";

import { closeWorkspace, openWorkspace } from "../platform";
import { SignIn } from "../session/SignIn";
import { useSession } from "../session/use-session";
import { Splash } from "../ui/Splash";
import { Operations } from "./Operations";
import styles from "./ops.module.css";

/** The operations page, for operators; other accounts see how to become one. */
export function OperationsApp() {
  const { state, failure } = useSession();
  const account = state.kind === "signed-in" ? state.account : null;
  const accountId = account?.id ?? null;
  const isOperator = account?.roles.includes("operator") ?? false;
  const workspace = useMemo(
    () => (accountId === null || !isOperator ? null : openWorkspace(accountId)),
    [accountId, isOperator],
  );
  useEffect(() => {
    if (state.kind === "signed-out") closeWorkspace();
  }, [state]);
  if (state.kind === "signed-out") return <SignIn reason={state.reason} />;
  if (account === null) return <Splash failure={failure} />;
  if (workspace === null) return <NotAnOperator email={account.email} />;
  return <Operations key={workspace.accountId} workspace={workspace} />;
}

function NotAnOperator({ email }: { email: string }) {
  return (
    <main className={styles.refused}>
      <h1>For operators</h1>
      <p>You are signed in as {email}, without the role <code>operator</code>. The owner of this platform can grant it:</p>
      <pre><code>netra users grant {email} operator</code></pre>
      <p>Then sign in again. <a href="/">Back to the chat</a></p>
    </main>
  );
}
