// The past of the fleet, as values: samples for the charts, segments for the readiness timeline.

import type { Fleet, InstanceView, Latency, ReadinessChange, Status } from "./fleet";

export const WINDOW_MS = 15 * 60_000;
const MAX_SAMPLES = 1_000; // the window at one sample a second, and some

/** One moment of the whole fleet. Latencies are those of the slowest instance. */
export interface Sample {
  readonly at: number;
  readonly open: number;
  readonly runs: number;
  readonly outbound: number;
  readonly subscriptions: number;
  readonly handshake: Latency;
  readonly command: Latency;
}

export interface Segment {
  readonly from: number;
  readonly to: number;
  readonly status: Status | "gone";
  readonly reasons: readonly string[];
}

/** An instance as it was last seen; `goneAt` once the fleet no longer shows it. Times in Unix ms. */
export interface SeenInstance {
  readonly view: InstanceView;
  readonly goneAt: number | null;
}

export function sampleOf(fleet: Fleet): Sample {
  const sum = (count: (view: InstanceView) => number): number => fleet.instances.reduce((all, view) => all + count(view), 0);
  return {
    at: Date.parse(fleet.at),
    open: sum((view) => view.connections.open),
    runs: sum((view) => view.runs.active),
    outbound: sum((view) => view.streams.outboundFrames),
    subscriptions: sum((view) => view.streams.subscriptions),
    handshake: slowest(fleet.instances.map((view) => view.latency.handshake)),
    command: slowest(fleet.instances.map((view) => view.latency.command)),
  };
}

function slowest(latencies: readonly Latency[]): Latency {
  const worst = (pick: (one: Latency) => number | null): number | null => {
    const known = latencies.map(pick).filter((value): value is number => value !== null);
    return known.length === 0 ? null : Math.max(...known);
  };
  return {
    count: latencies.reduce((all, one) => all + one.count, 0),
    p50Ms: worst((one) => one.p50Ms),
    p95Ms: worst((one) => one.p95Ms),
    p99Ms: worst((one) => one.p99Ms),
  };
}

/** Appends `sample`; what is older than the window is left out, and so is a clock that went back. */
export function withSample(samples: readonly Sample[], sample: Sample): readonly Sample[] {
  const last = samples.at(-1);
  if (last !== undefined && sample.at <= last.at) return samples;
  return [...samples, sample].filter((one) => one.at > sample.at - WINDOW_MS).slice(-MAX_SAMPLES);
}

/** Brings what was seen up to `fleet`; instances that left stay until the window has passed them. */
export function withFleet(seen: readonly SeenInstance[], fleet: Fleet): readonly SeenInstance[] {
  const now = Date.parse(fleet.at);
  const present = new Set(fleet.instances.map((view) => view.instanceId));
  const left = seen
    .filter((one) => !present.has(one.view.instanceId))
    // Without the store, the other instances are not visible; they are not gone.
    .map((one) => (one.goneAt !== null || fleet.storeUnavailable ? one : { ...one, goneAt: Date.parse(one.view.at) }))
    .filter((one) => Date.parse(one.view.at) > now - WINDOW_MS);
  const all = [...fleet.instances.map((view) => ({ view, goneAt: null })), ...left];
  return all.sort((a, b) => a.view.startedAt.localeCompare(b.view.startedAt) || a.view.instanceId.localeCompare(b.view.instanceId));
}

/** The readiness of one instance between `from` and `to`, without gaps from its start on. */
export function segments(instance: SeenInstance, from: number, to: number): readonly Segment[] {
  const { history } = instance.view.readiness;
  const end = instance.goneAt ?? to;
  const found = history.map((change, index) => segment(change, history[index + 1], end));
  if (instance.goneAt !== null) found.push({ from: end, to, status: "gone", reasons: [] });
  return found
    .filter((one) => one.to > from && one.from < to)
    .map((one) => ({ ...one, from: Math.max(one.from, from), to: Math.min(one.to, to) }));
}

function segment(change: ReadinessChange, next: ReadinessChange | undefined, end: number): Segment {
  const to = next === undefined ? end : Date.parse(next.at);
  return { from: Date.parse(change.at), to, status: change.status, reasons: change.reasons };
}
