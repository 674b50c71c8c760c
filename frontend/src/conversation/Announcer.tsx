"use client";

import { useEffect, useEffectEvent, useRef, useState } from "react";

import { useSetting } from "../ui/settings";
import { answerText, type Item } from "./model";
import { speakable } from "./speech";

/** Screen readers hear at most one announcement in this time. */
const PACE_MS = 5_000;

/** Announces a streaming answer to screen readers in sentences, never token by token. */
export function Announcer({ items }: { items: readonly Item[] }) {
  const [said, setSaid] = useState("");
  const isMuted = useSetting("announcements") === "off";
  const state = useRef<{ id: string; spoken: number; status: string } | null>(null);

  const speak = useEffectEvent((): void => {
    const last = items.at(-1);
    if (last?.kind !== "answer") return;
    const text = answerText(last);
    const isRunning = last.status === "running";
    if (state.current?.id !== last.id) {
      state.current = { id: last.id, spoken: isRunning ? 0 : text.length, status: last.status };
      if (isRunning) setSaid("The agent is answering.");
      return;
    }
    const known = state.current;
    const { words, upTo } = speakable(text, known.spoken, !isRunning);
    const ended = known.status === "running" && !isRunning ? ENDINGS[last.status] ?? "" : "";
    state.current = { ...known, spoken: upTo, status: last.status };
    if (words || ended) setSaid(`${words} ${ended}`.trim());
  });
  // A new answer is announced when it starts; one that is short may end before the next turn.
  const last = items.at(-1);
  const started = last?.kind === "answer" && last.status === "running" ? last.id : null;
  useEffect(() => {
    if (started !== null) speak();
  }, [started]);
  useEffect(() => {
    const timer = setInterval(() => speak(), PACE_MS);
    return () => clearInterval(timer);
  }, []);

  return <div className="visually-hidden" role="status" aria-live="polite" data-testid="announcer">{isMuted ? "" : said}</div>;
}

const ENDINGS: Record<string, string> = {
  completed: "The answer is complete.",
  cancelled: "The answer was stopped.",
  failed: "The answer failed.",
  interrupted: "The agent asks for your approval.",
};
