"use client";

import { useEffect, useState } from "react";

import type { ConnectionState } from "../netra-client/state";
import { BUILD_DIGEST } from "../platform";
import { Button } from "../ui/Button";
import { Notice } from "../ui/Notice";
import styles from "./workbench.module.css";

const ASK_MS = 5 * 60_000;
// The backend does not support the page's protocol version.
const TOO_OLD = "unsupported_protocol_version";

/** Shown when the page is older than what is deployed; drafts and unsent messages survive the reload. */
export function VersionNotice({ state }: { state: ConnectionState }) {
  const isTooOld = state.kind === "closed" && state.error?.code === TOO_OLD;
  const hasNewer = useHasNewer(state.kind === "live");
  const reload = <Button small onClick={() => location.reload()}>Reload</Button>;
  if (isTooOld) {
    return (
      <div className={styles.version} role="alert">
        <Notice tone="warn" action={reload}>This page is too old for the server. Reload it; your drafts and unsent messages are kept.</Notice>
      </div>
    );
  }
  if (state.kind === "closed" && state.error !== null && state.error.code !== "signed_out") {
    return (
      <div className={styles.version} role="alert">
        <Notice tone="danger" action={reload}>The server ended the connection: {state.error.message}</Notice>
      </div>
    );
  }
  return hasNewer ? (
    <div className={styles.version} role="status"><Notice tone="accent" action={reload}>A new version of Netra is available.</Notice></div>
  ) : null;
}

/** Asks for the deployed digest after every reconnect, which is what a deploy looks like from here. */
function useHasNewer(isLive: boolean): boolean {
  const [hasNewer, setNewer] = useState(false);
  useEffect(() => {
    if (!isLive || BUILD_DIGEST === "development") return undefined;
    const ask = async (): Promise<void> => {
      try {
        const response = await fetch("/version.json", { cache: "no-store", signal: AbortSignal.timeout(5_000) });
        const { digest } = (await response.json()) as { digest?: string };
        if (response.ok && digest !== undefined) setNewer(digest !== BUILD_DIGEST);
      } catch {
        // Repeated by the timer.
      }
    };
    void ask();
    const timer = setInterval(() => void ask(), ASK_MS);
    return () => clearInterval(timer);
  }, [isLive]);
  return hasNewer;
}
