"use client";

import { Component, type ReactNode } from "react";

interface ErrorBoundaryProps {
  readonly children: ReactNode;
  /** Shown instead of children that failed to render. */
  readonly fallback: ReactNode;
  /** A new value tries the children again. */
  readonly resetKey: string;
}

interface ErrorBoundaryState {
  readonly hasFailed: boolean;
  readonly key: string;
}

/** Keeps a part that fails to render from taking its neighbours, or the page, with it. */
export class ErrorBoundary extends Component<ErrorBoundaryProps, ErrorBoundaryState> {
  override state: ErrorBoundaryState = { hasFailed: false, key: this.props.resetKey };

  static getDerivedStateFromError(): Partial<ErrorBoundaryState> {
    return { hasFailed: true };
  }

  static getDerivedStateFromProps(props: ErrorBoundaryProps, state: ErrorBoundaryState): ErrorBoundaryState | null {
    return props.resetKey === state.key ? null : { hasFailed: false, key: props.resetKey };
  }

  override componentDidCatch(error: unknown): void {
    console.error("a part of the page failed to render", error);
  }

  override render(): ReactNode {
    return this.state.hasFailed ? this.props.fallback : this.props.children;
  }
}
