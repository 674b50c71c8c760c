// Up to when threads have been read on this device, remembered for all of its tabs.

import type { Thread } from "../netra-client/threads";

// Beside the ids in what is remembered: everything up to here counts as read.
const SINCE = "since";

export class Seen {
  readonly key: string;
  #until: Record<string, string>;

  constructor(accountId: string) {
    this.key = `netra.seen.${accountId}`;
    this.#until = read(this.key);
  }

  /** On a new device everything up to `at` counts as read, else a list would be nothing but marks. */
  startFrom(at: string): void {
    this.#until[SINCE] ??= at;
  }

  /** Notes that the thread was read until `at`; never goes back. */
  note(id: string, at: string): void {
    const known = this.#until[id];
    if (known === undefined || known < at) this.#until[id] = at;
  }

  unreadOf(threads: readonly Thread[]): ReadonlySet<string> {
    const since = this.#until[SINCE] ?? "";
    return new Set(threads.filter((one) => (this.#until[one.id] ?? since) < one.updatedAt).map((one) => one.id));
  }

  /** Takes over what another tab has remembered. */
  merge(): void {
    for (const [id, at] of Object.entries(read(this.key))) this.note(id, at);
  }

  save(): void {
    try {
      localStorage.setItem(this.key, JSON.stringify(this.#until));
    } catch {
      // The storage is full: the marks last as long as the page.
    }
  }
}

function read(key: string): Record<string, string> {
  try {
    return JSON.parse(localStorage.getItem(key) ?? "{}") as Record<string, string>;
  } catch {
    return {};
  }
}
