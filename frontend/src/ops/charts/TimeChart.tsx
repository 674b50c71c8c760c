"use client";

import { useEffect, useRef, useState } from "react";
import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";

import styles from "../ops.module.css";

export interface Series {
  readonly label: string;
  /** A custom property of the theme, e.g. `--accent`. */
  readonly ink: string;
  readonly dash?: readonly number[];
}

interface TimeChartProps {
  readonly title: string;
  readonly unit: string;
  readonly series: readonly Series[];
  /** Unix ms, ascending. */
  readonly times: readonly number[];
  /** One row per series; null is a gap. */
  readonly values: readonly (readonly (number | null)[])[];
  /** Shown instead of a chart while there is nothing to draw. */
  readonly empty: string;
}

const HEIGHT = 130;
const COUNTS = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000]; // no half sockets

/** Lines over time from zero, with the values under the pointer, and the latest as text. */
export function TimeChart({ title, unit, series, times, values, empty }: TimeChartProps) {
  const host = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | null>(null);
  const [pointed, setPointed] = useState<number | null>(null);
  const theme = useThemeGeneration();
  const isEmpty = !values.some((row) => row.some((value) => value !== null));

  useEffect(() => {
    const element = host.current;
    if (element === null || isEmpty) return undefined;
    const made = new uPlot(options(element, unit, series, setPointed), [[]], element);
    plot.current = made;
    const resize = new ResizeObserver(() => made.setSize({ width: element.clientWidth, height: HEIGHT }));
    resize.observe(element);
    return () => {
      resize.disconnect();
      made.destroy();
      plot.current = null;
    };
    // Created again when the theme changes: a canvas does not inherit colours.
  }, [isEmpty, theme, unit, series]);

  // After the effect above, and whenever it made a new plot: that one has no data yet.
  useEffect(() => {
    plot.current?.setData([times.map((time) => time / 1000), ...values.map((row) => [...row])]);
  }, [times, values, isEmpty, theme, unit, series]);

  const shown = pointed ?? times.length - 1;
  return (
    <figure className={styles.chart}>
      <figcaption className={styles.chartHead}>
        <span className={styles.chartTitle}>{title}</span>
        <span className={styles.legend}>
          {series.map((one, index) => (
            <span key={one.label} className={styles.legendItem}>
              <svg width="18" height="8" aria-hidden="true">
                <line x1="0" y1="4" x2="18" y2="4" strokeWidth="2" strokeDasharray={one.dash?.join(" ")} style={{ stroke: `var(${one.ink})` }} />
              </svg>
              {one.label} <b>{format(values[index]?.[shown] ?? null, unit)}</b>
            </span>
          ))}
          {pointed !== null && times[pointed] !== undefined && <span>at {clock(times[pointed])}</span>}
        </span>
      </figcaption>
      {isEmpty ? <p className={styles.empty}>{empty}</p> : <div ref={host} className={styles.plot} aria-hidden="true" />}
    </figure>
  );
}

function options(element: HTMLElement, unit: string, series: readonly Series[], onPoint: (index: number | null) => void): uPlot.Options {
  const style = getComputedStyle(element);
  const ink = (name: string): string => style.getPropertyValue(name).trim();
  const font = `12px ${style.fontFamily}`;
  const axis = { stroke: ink("--ink-faint"), font, ticks: { show: false }, grid: { stroke: ink("--line"), width: 1 } };
  return {
    width: element.clientWidth,
    height: HEIGHT,
    legend: { show: false }, // the caption is one, and can be read aloud
    cursor: { y: false, drag: { x: false, y: false }, points: { size: 6 } },
    hooks: { setCursor: [(self) => onPoint(self.cursor.idx ?? null)] },
    scales: { y: { range: (_self, _low, high) => [0, niceTop(high)] } },
    axes: [
      { ...axis, values: (_self, ticks) => ticks.map((tick) => clock(tick * 1000)), size: 26, space: 90 },
      {
        ...axis,
        values: (_self, ticks) => ticks.map((tick) => format(tick, unit)),
        size: 58,
        space: 28,
        ...(unit === "" ? { incrs: COUNTS } : {}),
      },
    ],
    series: [
      {},
      ...series.map((one) => ({
        label: one.label,
        stroke: ink(one.ink),
        width: 1.5,
        spanGaps: false,
        ...(one.dash ? { dash: [...one.dash] } : {}),
        points: { show: false },
      })),
    ],
  };
}

/** An axis starts at zero and never ends on a value: a line along the edge cannot be read. */
function niceTop(high: number | null): number {
  return high === null || high <= 0 ? 1 : high * 1.15;
}

export function format(value: number | null, unit: string): string {
  if (value === null) return "–";
  const digits = value !== 0 && Math.abs(value) < 10 && !Number.isInteger(value) ? 1 : 0;
  return `${value.toFixed(digits)}${unit === "" ? "" : ` ${unit}`}`;
}

export function clock(ms: number): string {
  return new Date(ms).toLocaleTimeString([], { timeStyle: "medium" });
}

/** Counts changes of the theme, the person's and the system's. */
function useThemeGeneration(): number {
  const [generation, setGeneration] = useState(0);
  useEffect(() => {
    const next = (): void => setGeneration((one) => one + 1);
    const system = matchMedia("(prefers-color-scheme: dark)");
    const attribute = new MutationObserver(next);
    attribute.observe(document.documentElement, { attributeFilter: ["data-theme"] });
    system.addEventListener("change", next);
    return () => {
      attribute.disconnect();
      system.removeEventListener("change", next);
    };
  }, []);
  return generation;
}
