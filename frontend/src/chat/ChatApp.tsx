"use client";

import { useEffect, useMemo } from "react";

import { closeWorkspace, openWorkspace } from "../platform";
import { SignIn } from "../session/SignIn";
import { useSession } from "../session/use-session";
import { Splash } from "../ui/Splash";
import { sweepDrafts } from "./drafts";
import { Workbench } from "./Workbench";

/** The chat, or the sign-in page without a session. */
export function ChatApp() {
  const { state, failure } = useSession();
  const accountId = state.kind === "signed-in" ? state.account.id : null;
  const workspace = useMemo(() => (accountId === null ? null : openWorkspace(accountId)), [accountId]);
  useEffect(() => {
    if (state.kind === "signed-out") closeWorkspace();
  }, [state]);
  useEffect(sweepDrafts, []);
  if (state.kind === "signed-out") return <SignIn reason={state.reason} />;
  if (state.kind === "unknown" || workspace === null) return <Splash failure={failure} />;
  return <Workbench key={workspace.accountId} workspace={workspace} account={state.account} />;
}
