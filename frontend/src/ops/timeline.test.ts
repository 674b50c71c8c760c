import { describe, expect, it } from "vitest";

import type { Fleet, InstanceView, Status } from "./fleet";
import { sampleOf, segments, WINDOW_MS, withFleet, withSample, type Sample } from "./timeline";

const START = Date.parse("2026-01-01T00:00:00Z");
const at = (seconds: number): string => new Date(START + seconds * 1000).toISOString();
const NOTHING = { count: 0, p50Ms: null, p95Ms: null, p99Ms: null };

function instance(id: string, seconds: number, changes: [number, Status][] = [[0, "pass"]], p95Ms: number | null = null): InstanceView {
  return {
    instanceId: id, service: "s", revision: null, at: at(seconds), startedAt: at(0), lateImports: 0, errors: [],
    readiness: { status: "pass", reasons: [], checks: [], history: changes.map(([when, status]) => ({ at: at(when), status, reasons: [] })) },
    connections: { open: 2, users: 1, limit: 9, openedTotal: 2, draining: false, byState: {}, closeCodes: {}, refusedHandshakes: {} },
    latency: { windowSeconds: 60, handshake: { ...NOTHING, p95Ms }, command: NOTHING },
    runs: { active: 1, limit: 5, runIds: [] },
    streams: { feeds: 0, subscriptions: 3, producers: 0, outboundFrames: 4, outboundMax: 4, outboundLimit: 9, storeUnavailable: false },
  };
}

function fleet(seconds: number, instances: InstanceView[], storeUnavailable = false): Fleet {
  return { at: at(seconds), periodSeconds: 2, storeUnavailable, seenBy: instances[0]?.instanceId ?? "", instances };
}

describe("samples", () => {
  it("sum the fleet and show its slowest instance, not an average that hides it", () => {
    const sample = sampleOf(fleet(2, [instance("a", 2, undefined, 5), instance("b", 2, undefined, 80), instance("c", 2)]));
    expect(sample).toMatchObject({ open: 6, runs: 3, outbound: 12, subscriptions: 9 });
    expect(sample.handshake.p95Ms).toBe(80);
    expect(sample.command.p95Ms).toBeNull();
  });

  it("are kept for the window, each moment once", () => {
    let samples: readonly Sample[] = [];
    for (const second of [0, 2, 2, 1, 4]) samples = withSample(samples, sampleOf(fleet(second, [instance("a", second)])));
    expect(samples.map((one) => one.at)).toEqual([0, 2, 4].map((second) => START + second * 1000));
    const late = WINDOW_MS / 1000 + 3;
    expect(withSample(samples, sampleOf(fleet(late, [instance("a", late)])))).toHaveLength(2);
  });
});

describe("instances", () => {
  it("that leave stay in view as gone, until the window has passed them", () => {
    const both = withFleet([], fleet(2, [instance("a", 2), instance("b", 2)]));
    const one = withFleet(both, fleet(4, [instance("a", 4)]));
    expect(one.map((seen) => [seen.view.instanceId, seen.goneAt])).toEqual([["a", null], ["b", START + 2000]]);
    const back = withFleet(one, fleet(6, [instance("a", 6), instance("b", 6)]));
    expect(back.every((seen) => seen.goneAt === null)).toBe(true);
    const late = WINDOW_MS / 1000 + 3;
    expect(withFleet(one, fleet(late, [instance("a", late)]))).toHaveLength(1);
  });

  it("are not called gone while the store is unavailable", () => {
    const both = withFleet([], fleet(2, [instance("a", 2), instance("b", 2)]));
    expect(withFleet(both, fleet(4, [instance("a", 4)], true)).map((seen) => seen.goneAt)).toEqual([null, null]);
  });
});

describe("segments", () => {
  it("follow each other without a gap and are cut to the window", () => {
    const view = instance("a", 30, [[0, "fail"], [2, "pass"], [10, "warn"], [20, "pass"]]);
    const found = segments({ view, goneAt: null }, START + 5000, START + 30_000);
    expect(found.map((one) => [(one.from - START) / 1000, (one.to - START) / 1000, one.status])).toEqual([
      [5, 10, "pass"], [10, 20, "warn"], [20, 30, "pass"],
    ]);
  });

  it("end where the instance was last seen", () => {
    const found = segments({ view: instance("a", 10), goneAt: START + 10_000 }, START, START + 20_000);
    expect(found.map((one) => one.status)).toEqual(["pass", "gone"]);
    expect(found.at(-1)?.from).toBe(START + 10_000);
  });
});
