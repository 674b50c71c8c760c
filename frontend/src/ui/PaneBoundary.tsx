"use client";

import type { ReactNode } from "react";

import { Button } from "./Button";
import { ErrorBoundary } from "./ErrorBoundary";
import { Notice } from "./Notice";

interface PaneBoundaryProps {
  readonly children: ReactNode;
  /** The pane in the words of the page: "The thread list". */
  readonly name: string;
  /** A new value tries the pane again: the id of what it shows. */
  readonly resetKey: string;
}

/** A pane of the page: if it fails to render it says so, and the other panes keep working. */
export function PaneBoundary({ children, name, resetKey }: PaneBoundaryProps) {
  return (
    <ErrorBoundary
      resetKey={resetKey}
      fallback={
        <Notice tone="danger" action={<Button small onClick={() => location.reload()}>Reload the page</Button>}>
          {name} cannot be shown. Nothing that you wrote is lost.
        </Notice>
      }
    >
      {children}
    </ErrorBoundary>
  );
}
