// With every table filled, no two landmarks of the operations page have the same name.

import { renderToStaticMarkup } from "react-dom/server";
import { describe, expect, it } from "vitest";

import type { Fleet } from "./fleet";
import { PANELS, type PanelProps } from "./panels";

const AT = "2026-01-01T00:00:00Z";
const ERROR = { errorId: "e".repeat(32), at: AT, message: "failed", type: "ValueError", traceId: null };
const ROW = { id: "r", title: "t", verdict: "failed", summary: "s", command: "c" };
const ALERT = { rule: "r", severity: "critical", summary: "s", evidence: "e", runbook: "", startedAt: AT };
// What the panels with tables read.
const FLEET = {
  instances: [{
    instanceId: "i", errors: [ERROR],
    runs: { active: 0, limit: 1, runIds: [] },
    streams: { feeds: 0, subscriptions: 0, producers: 0, outboundFrames: 0, outboundMax: 0, outboundLimit: 1, storeUnavailable: false },
  }],
  monitoring: {
    alerts: {
      environment: "local", at: AT, everySeconds: 30, burn: [{ signal: "redis", objective: 95, rates: { "1h": 2 } }],
      alerts: [{ ...ALERT, resolvedAt: null }, { ...ALERT, resolvedAt: AT }],
    },
    validation: { environment: "local", suite: "quick", at: AT, seconds: 1, passed: false, complete: true, counts: {}, rows: [ROW] },
  },
} as unknown as Fleet;
const VIEW = { status: "live", fleet: FLEET, seen: [], samples: [], pings: [], problem: null } as unknown as PanelProps["view"];
const TABLES = ["alerts", "validation", "work", "errors"];

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
