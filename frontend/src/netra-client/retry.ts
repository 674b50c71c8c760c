import type { NetraError } from "./errors.ts";

/** Bounds of the reconnect loop, in milliseconds. */
export interface ReconnectPolicy {
  /** Ceiling of the first wait after a close of class `now`. */
  readonly promptMs: number;
  /** Ceiling of the first wait after a failure of class `backoff`. */
  readonly firstMs: number;
  /** Ceiling of any wait that the server did not ask for. */
  readonly capMs: number;
  /** A connection that lived this long makes the next failure the first again. */
  readonly stableMs: number;
}

export const DEFAULT_POLICY: ReconnectPolicy = {
  promptMs: 250,
  firstMs: 500,
  capMs: 20_000,
  stableMs: 10_000,
};

export type Step =
  | { readonly kind: "again"; readonly delayMs: number; readonly refresh: boolean }
  | { readonly kind: "give-up"; readonly error: NetraError };

/**
 * Returns a wait drawn uniformly between zero and a doubling ceiling ("full jitter"): after a load
 * balancer drops ten thousand sockets together, anything less random brings them back in waves.
 *
 * @param failures in a row, this one included (1 or more)
 * @param jitter random, in [0, 1)
 */
export function backoffMs(failures: number, jitter: number, policy: ReconnectPolicy): number {
  const ceiling = Math.min(policy.capMs, policy.firstMs * 2 ** Math.min(failures - 1, 30));
  return jitter * ceiling;
}

/**
 * Decides what follows a refused or lost connection. A hint of the server is a floor.
 *
 * @param alreadyRefreshed the refused token had itself been fetched because of a refusal; a second
 *   refresh would loop forever
 */
export function nextStep(
  error: NetraError,
  failures: number,
  jitter: number,
  alreadyRefreshed: boolean,
  policy: ReconnectPolicy,
): Step {
  const floor = error.retryAfterMs ?? 0;
  switch (error.retry) {
    case "never":
      return { kind: "give-up", error };
    case "after-refresh":
      if (alreadyRefreshed) return { kind: "give-up", error };
      return { kind: "again", delayMs: floor, refresh: true };
    case "now":
      if (failures === 1) {
        return { kind: "again", delayMs: Math.max(floor, jitter * policy.promptMs), refresh: false };
      }
      break;
    case "backoff":
      break;
  }
  // A server that names a time spreads its clients itself; growing waits would miss its slots.
  const grown = error.retryAfterMs === undefined ? failures : 1;
  return { kind: "again", delayMs: floor + backoffMs(grown, jitter, policy), refresh: false };
}
