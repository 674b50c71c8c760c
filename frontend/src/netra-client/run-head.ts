import type { ThreadEvent } from "./wire.ts";

/**
 * Hides a run whose first events are no longer kept: a part of an answer is no answer. When the run
 * has ended, the history has it whole (docs/protocol.md section 5).
 */
export class RunHead {
  #expected: string | null = null;
  #headless: string | null = null;

  /** Notes that the reader starts again, while this run is active. */
  expect(activeRunId: string | null): void {
    this.#expected = activeRunId;
    this.#headless = null;
  }

  /** Returns what to do with the next event; `reload`: the hidden run has ended. */
  judge({ runId, event }: ThreadEvent): "show" | "hide" | "reload" {
    if (runId === this.#expected && event.type !== "RUN_STARTED") this.#headless = runId;
    this.#expected = null;
    if (runId !== this.#headless) return "show";
    if (event.type !== "RUN_FINISHED" && event.type !== "RUN_ERROR") return "hide";
    this.#headless = null;
    return "reload";
  }
}
