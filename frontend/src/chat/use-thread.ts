"use client";

import { useEffect, useMemo } from "react";

import { ThreadStore } from "../conversation/thread-store";
import type { Workspace } from "../platform";

const nextFrame = (action: () => void): void => {
  // Frames stop in hidden tabs; the view must be current when the tab is shown again.
  if (document.visibilityState === "hidden") setTimeout(action, 250);
  else requestAnimationFrame(action);
};

/** The store of the open thread; followed while it is shown. */
export function useThread(workspace: Workspace, threadId: string, isNew: boolean): ThreadStore {
  const store = useMemo(
    () =>
      new ThreadStore(threadId, workspace.client, workspace.threads, {
        schedule: nextFrame,
        onRunEnd: (id) => workspace.outbox.runEnded(id),
        isNew,
      }),
    // A thread that has been created is not another one.
    // eslint-disable-next-line react-hooks/exhaustive-deps
    [workspace, threadId],
  );
  useEffect(() => {
    if (isNew) return undefined;
    store.open();
    return () => store.close();
  }, [store, isNew]);
  return store;
}
