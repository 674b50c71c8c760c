// With every table filled, no two landmarks of the operations page have the same name.

import { renderToStaticMarkup } from "react-dom/server";
import { describe, expect, it } from "vitest";

import type { Fleet } from "./fleet";
import { PANELS, type PanelProps } from "./panels";
import { Releases } from "./panels/Releases";

const AT = "2026-01-01T00:00:00Z";
const ERROR = { errorId: "e".repeat(32), at: AT, message: "failed", type: "ValueError", traceId: null };
const ROW = { id: "r", title: "t", verdict: "failed", summary: "s", command: "c" };
const REVISION = { revision: "r1", percent: 10, tags: ["candidate"], digest: "abc", createdAt: AT, ready: true, verified: false, release: "r1" };
const ALERT = { rule: "r", severity: "critical", summary: "s", evidence: "e", runbook: "", startedAt: AT };
// What the panels with tables read.
const FLEET = {
  instances: [{
    instanceId: "i", revision: "r2", connections: { open: 7 }, errors: [ERROR],
    runs: { active: 0, limit: 1, runIds: [] },
    streams: { feeds: 0, subscriptions: 0, producers: 0, outboundFrames: 0, outboundMax: 0, outboundLimit: 1, storeUnavailable: false },
  }],
  at: AT,
  monitoring: {
    releases: {
      environment: "local", at: AT, everySeconds: 5,
      services: [{ role: "backend", service: "s", pinned: true, revisions: [REVISION, { ...REVISION, revision: "r2", percent: 90, verified: true, createdAt: "2025-12-31T21:00:00Z" }] }],
      rollout: { command: "netra deploy", by: "ana", reason: "", startedAt: AT, endedAt: null, problem: "", steps: [{ name: "shift 10", state: "running", seconds: 0, text: "inconclusive" }] },
      releases: [{ id: "r1", outcome: "verified", by: "ana", at: AT, reason: "first", note: "" }],
    },
    alerts: {
      environment: "local", at: AT, everySeconds: 30, burn: [{ signal: "redis", objective: 95, rates: { "1h": 2 } }],
      alerts: [{ ...ALERT, resolvedAt: null }, { ...ALERT, resolvedAt: AT }],
    },
    validation: { environment: "local", suite: "quick", at: AT, seconds: 1, passed: false, complete: true, counts: {}, rows: [ROW] },
  },
} as unknown as Fleet;
const VIEW = { status: "live", fleet: FLEET, seen: [], samples: [], pings: [], problem: null } as unknown as PanelProps["view"];
const TABLES = ["alerts", "releases", "validation", "work", "errors"];


function releasesAt(at: string): string {
  return renderToStaticMarkup(<Releases view={{ ...VIEW, fleet: { ...FLEET, at } }} />);
}

describe("the panel of releases", () => {
  it("shows traffic, age, mark and the sockets of each revision", () => {
    const rows = [...releasesAt(AT).matchAll(/<tr>(.*?)<\/tr>/g)].map((row) => row[0].replaceAll(/<[^>]+>/g, " "));
    expect(rows.find((row) => row.includes("r2"))).toMatch(/90 %.*verified.*3 h.*7/);
    expect(rows.find((row) => row.includes("candidate"))).toMatch(/10 %.*not verified.*0 s.*–/);
  });
  it("says when a deploy has become silent", () => {
    expect(releasesAt("2026-01-01T00:00:19Z")).toContain("in progress");
    expect(releasesAt("2026-01-01T00:00:21Z")).toContain("netra deploy --resume");
  });
});

describe("the landmarks of the operations page", () => {
  it("have different names", () => {
    const inner = PANELS.filter((panel) => TABLES.includes(panel.id)).flatMap(({ Content }) => {
      const markup = renderToStaticMarkup(<Content view={VIEW} />);
      return [...markup.matchAll(/role="region" aria-label="([^"]+)"/g)].map((match) => match[1]);
    });
    expect(inner.length).toBeGreaterThanOrEqual(TABLES.length);
    const names = [...PANELS.map((panel) => panel.title), ...inner];
    expect(names).toEqual([...new Set(names)]);
  });
});
