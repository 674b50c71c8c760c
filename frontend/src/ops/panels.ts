// Every panel of the operations page, in its order. A new one is a line here.

import type { ComponentType } from "react";

import type { Fleet } from "./fleet";
import type { FleetView } from "./fleet-store";
import { Alerts } from "./panels/Alerts";
import { Connections } from "./panels/Connections";
import { Errors } from "./panels/Errors";
import { Latency } from "./panels/Latency";
import { Readiness } from "./panels/Readiness";
import { Releases } from "./panels/Releases";
import { Validation } from "./panels/Validation";
import { Work } from "./panels/Work";

export interface PanelProps {
  /** The fleet is known: before that the page shows no panel. */
  readonly view: FleetView & { readonly fleet: Fleet };
}

export interface Panel {
  readonly id: string;
  readonly title: string;
  readonly Content: ComponentType<PanelProps>;
  readonly isWide?: boolean;
}

export const PANELS: readonly Panel[] = [
  { id: "readiness", title: "Readiness", Content: Readiness, isWide: true },
  { id: "alerts", title: "Alerts and error budgets", Content: Alerts, isWide: true },
  { id: "releases", title: "Releases", Content: Releases, isWide: true },
  { id: "validation", title: "Last validation", Content: Validation, isWide: true },
  { id: "connections", title: "Connections", Content: Connections },
  { id: "latency", title: "Latency", Content: Latency },
  { id: "work", title: "Runs and queues", Content: Work, isWide: true },
  { id: "errors", title: "Recent errors", Content: Errors, isWide: true },
];
