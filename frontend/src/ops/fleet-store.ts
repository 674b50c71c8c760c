import type { NetraClient } from "../netra-client/client";
import { asNetraError, type NetraError } from "../netra-client/errors";
import type { Fleet } from "./fleet";
import { sampleOf, withFleet, withSample, type Sample, type SeenInstance } from "./timeline";

const SNAPSHOT = "operations.snapshot";
// Two periods may be late on a busy network before what is shown is called old.
const STALE_PERIODS = 3;
const LOOK_MS = 1_000;
const PING_MS = 5_000;
const MAX_PINGS = 60;

export interface FleetView {
  readonly status: "connecting" | "live" | "stale" | "failed";
  readonly fleet: Fleet | null;
  readonly seen: readonly SeenInstance[];
  readonly samples: readonly Sample[];
  /** Round trips of this page's own pings in ms, the latest last. */
  readonly pings: readonly number[];
  readonly problem: NetraError | null;
}

/** The fleet over the page's socket: subscribed again on every connection, kept for 15 minutes. */
export class FleetStore {
  readonly #client: NetraClient;
  readonly #listeners = new Set<() => void>();
  #view: FleetView = { status: "connecting", fleet: null, seen: [], samples: [], pings: [], problem: null };
  #connectionId: string | null = null;
  #heardAt = 0;

  constructor(client: NetraClient) {
    this.#client = client;
  }

  getSnapshot = (): FleetView => this.#view;

  subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  /** Starts to follow the fleet; returns the function that stops it. */
  open = (): (() => void) => {
    const stops = [
      this.#client.watch(() => this.#onState()),
      this.#client.onNotification((method, params) => {
        if (method === SNAPSHOT) this.#show(params as unknown as Fleet);
      }),
    ];
    const look = setInterval(() => this.#look(), LOOK_MS);
    const ping = setInterval(() => void this.#ping(), PING_MS);
    this.#onState();
    return () => {
      clearInterval(look);
      clearInterval(ping);
      for (const stop of stops) stop();
      this.#connectionId = null;
      // The socket serves the rest of the page, and may be gone already.
      this.#client.command("operations.unsubscribe", {}).catch(() => undefined);
    };
  };

  #onState(): void {
    const state = this.#client.state;
    if (state.kind !== "live" || state.connectionId === this.#connectionId) return;
    const connectionId = state.connectionId;
    this.#connectionId = connectionId;
    this.#client.command("operations.subscribe", {}).then(
      (fleet) => this.#show(fleet as Fleet),
      (reason: unknown) => {
        if (this.#connectionId !== connectionId) return;
        this.#connectionId = null; // `#look` or the next connection asks again
        this.#change({ status: "failed", problem: asNetraError(reason) });
      },
    );
  }

  #show(fleet: Fleet): void {
    this.#heardAt = Date.now();
    this.#change({
      status: "live",
      fleet,
      seen: withFleet(this.#view.seen, fleet),
      samples: withSample(this.#view.samples, sampleOf(fleet)),
      problem: null,
    });
  }

  #look(): void {
    const { status, fleet, problem } = this.#view;
    // The connection may be good for hours: what will pass is asked for again on this one.
    if (status === "failed" && (problem?.retry === "backoff" || problem?.retry === "now")) this.#onState();
    if (status !== "live" || fleet === null) return;
    if (Date.now() - this.#heardAt > STALE_PERIODS * fleet.periodSeconds * 1000) this.#change({ status: "stale" });
  }

  async #ping(): Promise<void> {
    if (this.#client.state.kind !== "live" || document.visibilityState === "hidden") return;
    const sentAt = performance.now();
    try {
      await this.#client.command("ping", {});
    } catch {
      return; // the connection's state says it better
    }
    this.#change({ pings: [...this.#view.pings, performance.now() - sentAt].slice(-MAX_PINGS) });
  }

  #change(part: Partial<FleetView>): void {
    this.#view = { ...this.#view, ...part };
    for (const listener of [...this.#listeners]) listener();
  }
}
