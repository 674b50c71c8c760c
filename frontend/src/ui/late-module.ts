"use client";

import { useEffect, useSyncExternalStore } from "react";

/** A part of the page that is loaded when it is first needed, which keeps it out of the first load. */
export class LateModule<T> {
  readonly #load: () => Promise<T>;
  readonly #listeners = new Set<() => void>();
  #value: T | null = null;
  #loading = false;

  constructor(load: () => Promise<T>) {
    this.#load = load;
  }

  readonly value = (): T | null => this.#value;

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  /** Starts to load; a failed load (the network is down) is repeated by the next caller. */
  request(): void {
    if (this.#value !== null || this.#loading) return;
    this.#loading = true;
    this.#load().then(
      (value) => {
        this.#value = value;
        for (const listener of [...this.#listeners]) listener();
      },
      () => {
        this.#loading = false;
      },
    );
  }
}

/** Returns the module once it is loaded, null until then. */
export function useLateModule<T>(module: LateModule<T>): T | null {
  useEffect(() => module.request(), [module]);
  return useSyncExternalStore(module.subscribe, module.value, () => null);
}
