// What `operations.subscribe` answers and `operations.snapshot` brings (docs/protocol.md).

export type Status = "pass" | "warn" | "fail";

export interface ReadinessChange {
  readonly at: string;
  readonly status: Status;
  readonly reasons: readonly string[];
}

export interface Check {
  readonly name: string;
  readonly status: Status;
  readonly critical: boolean;
  readonly reason: string;
  readonly elapsedMs: number | null;
  readonly attempts: number | null;
}

/** Percentiles of the last minute; null where nothing was observed. */
export interface Latency {
  readonly count: number;
  readonly p50Ms: number | null;
  readonly p95Ms: number | null;
  readonly p99Ms: number | null;
}

export interface LoggedError {
  readonly errorId: string;
  readonly at: string;
  readonly message: string;
  readonly type: string;
  readonly traceId: string | null;
}

export interface InstanceView {
  readonly instanceId: string;
  readonly service: string;
  readonly revision: string | null;
  readonly at: string;
  readonly startedAt: string;
  readonly readiness: {
    readonly status: Status;
    readonly reasons: readonly string[];
    readonly checks: readonly Check[];
    readonly history: readonly ReadinessChange[];
  };
  readonly connections: {
    readonly open: number;
    readonly users: number;
    readonly limit: number;
    readonly openedTotal: number;
    readonly draining: boolean;
    readonly byState: Readonly<Record<string, number>>;
    readonly closeCodes: Readonly<Record<string, { readonly count: number; readonly name: string }>>;
    readonly refusedHandshakes: Readonly<Record<string, number>>;
  };
  readonly latency: { readonly windowSeconds: number; readonly handshake: Latency; readonly command: Latency };
  readonly runs: { readonly active: number; readonly limit: number; readonly runIds: readonly string[] };
  readonly streams: {
    readonly feeds: number;
    readonly subscriptions: number;
    readonly producers: number;
    readonly outboundFrames: number;
    readonly outboundMax: number;
    readonly outboundLimit: number;
    readonly storeUnavailable: boolean;
  };
  readonly lateImports: number;
  readonly errors: readonly LoggedError[];
}

/** One alert of the health monitor; open while `resolvedAt` is null. */
export interface AlertEntry {
  readonly rule: string;
  readonly severity: string;
  readonly summary: string;
  readonly evidence: string;
  readonly runbook: string;
  readonly startedAt: string;
  readonly resolvedAt: string | null;
}

export interface BurnEntry {
  readonly signal: string;
  readonly objective: number;
  /** By window, shortest first. */
  readonly rates: Readonly<Record<string, number>>;
}

export interface AlertsReport {
  readonly environment: string;
  readonly at: string;
  readonly everySeconds: number;
  readonly alerts: readonly AlertEntry[];
  readonly burn: readonly BurnEntry[];
}

export interface ValidationReport {
  readonly environment: string;
  readonly suite: string;
  readonly at: string;
  readonly seconds: number;
  readonly passed: boolean;
  readonly complete: boolean;
  readonly counts: Readonly<Record<string, number>>;
  readonly rows: readonly { readonly id: string; readonly title: string; readonly verdict: string; readonly summary: string; readonly command: string }[];
}

export interface RevisionEntry {
  readonly revision: string;
  readonly percent: number;
  readonly tags: readonly string[];
  readonly digest: string;
  readonly createdAt: string | null;
  readonly ready: boolean;
  readonly verified: boolean;
  readonly release: string;
}

export interface RolloutEntry {
  readonly command: string;
  readonly by: string;
  readonly reason: string;
  readonly startedAt: string;
  /** Null while it works. */
  readonly endedAt: string | null;
  /** Why it failed; empty otherwise. */
  readonly problem: string;
  readonly steps: readonly { readonly name: string; readonly state: "running" | "done" | "failed"; readonly seconds: number; readonly text: string }[];
}

/** What `netra deploy` and `netra rollback` report. */
export interface ReleasesReport {
  readonly environment: string;
  readonly at: string;
  readonly everySeconds: number;
  readonly services: readonly { readonly role: string; readonly service: string; readonly pinned: boolean; readonly revisions: readonly RevisionEntry[] }[];
  readonly rollout: RolloutEntry | null;
  /** Newest first. */
  readonly releases: readonly { readonly id: string; readonly outcome: string; readonly by: string; readonly at: string; readonly reason: string; readonly note: string }[];
}

export interface Fleet {
  readonly at: string;
  readonly periodSeconds: number;
  /** Valkey is unavailable: only the instance `seenBy` is in the list. */
  readonly storeUnavailable: boolean;
  readonly seenBy: string;
  readonly instances: readonly InstanceView[];
  /** What tools outside of the platform reported; empty while Valkey is unavailable. */
  readonly monitoring?: {
    readonly alerts?: AlertsReport | null;
    readonly validation?: ValidationReport | null;
    readonly releases?: ReleasesReport | null;
  };
}
