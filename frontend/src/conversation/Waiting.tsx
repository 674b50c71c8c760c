"use client";

import { useEffect, useState } from "react";

import { Button } from "../ui/Button";
import { Notice } from "../ui/Notice";
import type { Answer } from "./model";

const TICK_MS = 1_000;

/** Says why an answer does not continue, until when, and offers to stop it. */
export function Waiting({ waiting, onStop }: { waiting: NonNullable<Answer["waiting"]>; onStop: () => void }) {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), TICK_MS);
    return () => clearInterval(timer);
  }, []);
  return (
    <Notice tone="plain" action={<Button small onClick={onStop}>Stop</Button>}>
      <span data-testid="waiting">{describeWaiting(waiting, now)}</span>
    </Notice>
  );
}

/** Returns the sentence for a wait, as of `now` in Unix ms. */
export function describeWaiting({ reason, until }: NonNullable<Answer["waiting"]>, now: number): string {
  const cause = CAUSES[reason] ?? "Waiting for the model's service.";
  if (until === null) return cause;
  const seconds = Math.ceil((until - now) / 1_000);
  return seconds > 0 ? `${cause} Next attempt in ${seconds} s.` : `${cause} Trying again.`;
}

const CAUSES: Record<string, string> = {
  rate_limited: "The model's service limits requests at present.",
  unavailable: "The model's service is unavailable at present.",
  silent: "The model has not answered yet.",
};
