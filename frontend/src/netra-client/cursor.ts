import type { Position, Subscribed } from "./wire.ts";

/** What to do with an arriving event. */
export type Verdict = "deliver" | "duplicate" | "gap" | "unexpected";

// A server that cannot fill the same gap three times will not fill it the fourth time.
const MAX_REPAIRS_WITHOUT_PROGRESS = 3;

/**
 * The position of a reader of one thread: the rule of docs/protocol.md section 5, without I/O.
 *
 * Its whole memory is the position of the last event that was handed on. After every reconnect the
 * reader names it and gets exactly what it missed, or has to reload the history.
 */
export class Cursor {
  #position: Position | null = null;
  #live = false;
  #repairs = 0;

  /** The last event handed on; null before the first answer of the server. */
  get position(): Position | null {
    return this.#position;
  }

  /** Whether events of the present subscription may be handed on. */
  get isLive(): boolean {
    return this.#live;
  }

  /** The position to name in the next subscription; null asks for a fresh start. */
  get wanted(): Position | null {
    return this.#repairs > MAX_REPAIRS_WITHOUT_PROGRESS ? null : this.#position;
  }

  /** Takes the server's answer; returns why the history must be reloaded, or null. */
  subscribed(answer: Subscribed): string | null {
    const before = this.#position;
    this.#live = true;
    if (answer.recovered && before !== null && answer.offset <= before.offset) {
      // The answer's epoch is where the position continues; a lower offset only repeats events.
      if (answer.epoch !== before.epoch && answer.offset === before.offset) {
        this.#position = { epoch: answer.epoch, offset: before.offset };
      }
      return null;
    }
    this.#position = { epoch: answer.epoch, offset: answer.offset };
    this.#repairs = 0;
    return answer.reason ?? (before === null ? "no_position" : "gap");
  }

  /** Judges an arriving event; the cursor moves only by `delivered`. */
  offer(epoch: string, offset: number): Verdict {
    if (!this.#live || this.#position === null) return "unexpected";
    // The epoch may change between two events of a live subscription; the offset still grows by one.
    if (offset === this.#position.offset + 1) return "deliver";
    if (epoch === this.#position.epoch && offset <= this.#position.offset) return "duplicate";
    this.#live = false;
    this.#repairs += 1;
    return "gap";
  }

  /** Notes that the event was handed on. */
  delivered(epoch: string, offset: number): void {
    this.#position = { epoch, offset };
    this.#repairs = 0;
  }

  /** Notes that the connection is gone. */
  detach(): void {
    this.#live = false;
  }
}
