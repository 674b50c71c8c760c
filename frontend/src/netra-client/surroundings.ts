/** What the client may know of the machine that it runs on. */
export interface Surroundings {
  /** False only when the machine is certainly without a network. */
  isOnline(): boolean;
  /** Calls `listener` after every change and after the machine woke up; returns the unsubscriber. */
  watch(listener: (change: "online" | "offline" | "visible" | "hidden" | "woke") => void): () => void;
}

/** Programs that are no page: always online. */
export const STEADY: Surroundings = {
  isOnline: () => true,
  watch: () => () => undefined,
};

const TICK_MS = 5_000;
// Timers of hidden tabs run once a minute at worst; a longer silence means that the machine slept.
const SLEPT_MS = 75_000;

/** The page's own signals; only call it in a browser. */
export function browserSurroundings(): Surroundings {
  return {
    isOnline: () => navigator.onLine,
    watch(listener) {
      const online = (): void => listener("online");
      const offline = (): void => listener("offline");
      const visibility = (): void =>
        listener(document.visibilityState === "visible" ? "visible" : "hidden");
      const restored = (event: PageTransitionEvent): void => {
        if (event.persisted) listener("woke"); // out of the back/forward cache
      };
      let seen = Date.now();
      const tick = setInterval(() => {
        const now = Date.now();
        if (now - seen > SLEPT_MS) listener("woke");
        seen = now;
      }, TICK_MS);
      window.addEventListener("online", online);
      window.addEventListener("offline", offline);
      window.addEventListener("pageshow", restored);
      document.addEventListener("visibilitychange", visibility);
      return () => {
        clearInterval(tick);
        window.removeEventListener("online", online);
        window.removeEventListener("offline", offline);
        window.removeEventListener("pageshow", restored);
        document.removeEventListener("visibilitychange", visibility);
      };
    },
  };
}
