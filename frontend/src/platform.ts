"use client";

// What the whole page shares: the session, one socket, the messages in flight.

import { imagesOf, type Images } from "./markdown/images";
import { BrowserSession } from "./netra-client/browser-session";
import { NetraClient } from "./netra-client/client";
import { PROTOCOL_MARK } from "./netra-client/handshake";
import { Outbox } from "./netra-client/outbox";
import { browserSurroundings } from "./netra-client/surroundings";
import { Threads } from "./netra-client/threads";
import { admitOwnScripts } from "./ui/trusted-scripts";

admitOwnScripts(); // before any part of the page is loaded late

export const BUILD_DIGEST = process.env["NEXT_PUBLIC_NETRA_DIGEST"] ?? "development";

/** What one signed-in person works with. */
export interface Workspace {
  readonly accountId: string;
  readonly client: NetraClient;
  readonly threads: Threads;
  readonly outbox: Outbox;
  readonly images: Images;
}

const SESSION_ENDS: ReadonlySet<string> = new Set(["session_revoked", "unauthenticated", "token_invalid"]);

let session: BrowserSession | null = null;
let workspace: Workspace | null = null;

/** The page's session; only call it in a browser. */
export function currentSession(): BrowserSession {
  session ??= new BrowserSession(location.origin);
  return session;
}

/** The workspace of `accountId`; another person's is closed first. */
export function openWorkspace(accountId: string): Workspace {
  if (workspace?.accountId === accountId && workspace.client.state.kind !== "closed") return workspace;
  closeWorkspace();
  const tokens = currentSession();
  const client = new NetraClient({
    origin: location.origin,
    tokens,
    surroundings: browserSurroundings(),
    client: { name: "netra-web", version: `${PROTOCOL_MARK}+${BUILD_DIGEST.slice(0, 12)}` },
  });
  const threads = new Threads(location.origin, tokens);
  const key = `netra.outbox.${accountId}`;
  const outbox = new Outbox(client, threads, {
    read: () => localStorage.getItem(key),
    write: (text) => {
      try {
        localStorage.setItem(key, text);
      } catch {
        // The storage is full: what waits is still sent, and lasts as long as the page.
      }
    },
  });
  client.watch((state) => {
    // Signed out elsewhere: the socket knows it before the next refresh would.
    if (state.kind === "closed" && SESSION_ENDS.has(state.error?.code ?? "")) tokens.ended();
  });
  client.start();
  workspace = { accountId, client, threads, outbox, images: imagesOf(location.origin, tokens) };
  return workspace;
}

export function closeWorkspace(): void {
  workspace?.outbox.close();
  workspace?.client.close();
  workspace = null;
}
