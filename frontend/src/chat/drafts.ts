"use client";

// What was written and not sent, per thread; it outlives reloads, sign-outs and new versions.

const PREFIX = "netra.draft";
const MAX_AGE_MS = 30 * 86_400_000;

function key(accountId: string, threadId: string | null): string {
  return `${PREFIX}.${accountId}.${threadId ?? "new"}`;
}

export function readDraft(accountId: string, threadId: string | null): string {
  const text = localStorage.getItem(key(accountId, threadId));
  if (text === null) return "";
  try {
    return (JSON.parse(text) as { text: string }).text;
  } catch {
    return "";
  }
}

export function writeDraft(accountId: string, threadId: string | null, text: string): void {
  if (text === "") {
    localStorage.removeItem(key(accountId, threadId));
    return;
  }
  try {
    localStorage.setItem(key(accountId, threadId), JSON.stringify({ text, at: Date.now() }));
  } catch {
    // The storage is full: the draft lasts as long as the page.
  }
}

/** Deletes drafts that were not changed for a month. */
export function sweepDrafts(): void {
  for (const name of Object.keys(localStorage)) {
    if (!name.startsWith(`${PREFIX}.`)) continue;
    try {
      const { at } = JSON.parse(localStorage.getItem(name) ?? "") as { at: number };
      if (Date.now() - at > MAX_AGE_MS) localStorage.removeItem(name);
    } catch {
      localStorage.removeItem(name);
    }
  }
}
