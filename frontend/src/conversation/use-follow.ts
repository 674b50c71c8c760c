"use client";

import { useCallback, useEffect, useRef, useState, type RefObject } from "react";

import { afterIntent, afterResize, afterScroll, followAgain, FOLLOWING, type Follow, type Layout } from "./follow";
import { isOnScrollBar, isTakenInside, keyDirection, type Direction } from "./intent";

/** A finger that moved less than this rests. */
const TOUCH_PX = 3;

export interface Following {
  readonly isFollowing: boolean;
  /** Scrolls to the end and follows it. */
  readonly follow: () => void;
  /** Notes that the person moves the content. */
  readonly move: (direction: Direction) => void;
}

/**
 * Keeps `scroller` at its end while `content` grows, until a person scrolls up.
 *
 * The end is set in a ResizeObserver, which runs after layout and before paint: no frame shows
 * another position.
 */
export function useFollow(scroller: RefObject<HTMLElement | null>, content: RefObject<HTMLElement | null>): Following {
  const state = useRef<Follow>(FOLLOWING);
  const isPressed = useRef(false); // a scroll bar or a selection is being dragged
  const [isFollowing, setFollowing] = useState(true);

  const enter = useCallback((next: Follow): void => {
    state.current = next;
    setFollowing(next.isFollowing);
  }, []);
  const toEnd = useCallback((): void => {
    const element = scroller.current;
    if (!element) return;
    element.scrollTo({ top: element.scrollHeight, behavior: "instant" });
    state.current = { ...state.current, layout: layoutOf(element) };
  }, [scroller]);

  useEffect(() => {
    const element = scroller.current;
    const inner = content.current;
    if (!element || !inner) return undefined;
    const resized = (): void => {
      enter(afterResize(state.current, layoutOf(element)));
      if (state.current.isFollowing && !isPressed.current) toEnd();
    };
    const observer = new ResizeObserver(resized);
    observer.observe(element);
    observer.observe(inner);
    const stop = listen(element, {
      move: (direction) => enter(afterIntent(state.current, direction, layoutOf(element))),
      scrolled: () => enter(afterScroll(state.current, layoutOf(element))),
      pressed: (value) => {
        isPressed.current = value;
      },
    });
    return () => {
      observer.disconnect();
      stop();
    };
  }, [scroller, content, enter, toEnd]);

  const follow = useCallback((): void => {
    enter(followAgain(state.current));
    toEnd();
  }, [enter, toEnd]);
  const move = useCallback((direction: Direction): void => {
    const element = scroller.current;
    if (element) enter(afterIntent(state.current, direction, layoutOf(element)));
  }, [scroller, enter]);
  return { isFollowing, follow, move };
}

interface Handlers {
  move(direction: Direction): void;
  scrolled(): void;
  pressed(value: boolean): void;
}

function listen(element: HTMLElement, { move, scrolled, pressed }: Handlers): () => void {
  const stop = new AbortController();
  const passive = { passive: true, signal: stop.signal } as const;
  const moved = (target: EventTarget | null, direction: Direction): void => {
    if (!isTakenInside(target, element, direction)) move(direction);
  };
  element.addEventListener("wheel", (event) => {
    if (event.deltaY !== 0 && !event.ctrlKey) moved(event.target, event.deltaY < 0 ? "up" : "down");
  }, passive);
  element.addEventListener("keydown", (event) => {
    const direction = keyDirection(event);
    if (direction !== null) moved(event.target, direction);
  }, passive);
  let touchY: number | null = null;
  element.addEventListener("touchstart", (event) => {
    touchY = event.touches[0]?.clientY ?? null;
  }, passive);
  element.addEventListener("touchmove", (event) => {
    const y = event.touches[0]?.clientY;
    if (y === undefined || touchY === null || Math.abs(y - touchY) < TOUCH_PX) return;
    moved(event.target, y > touchY ? "up" : "down"); // the content moves with the finger
    touchY = y;
  }, passive);
  let isSelecting = false;
  element.addEventListener("pointerdown", (event) => {
    if (event.pointerType !== "mouse") return;
    isSelecting = !isOnScrollBar(event.clientX, element);
    pressed(!isSelecting);
  }, passive);
  window.addEventListener("pointerup", () => {
    isSelecting = false;
    pressed(false);
  }, passive);
  document.addEventListener("selectionchange", () => {
    // The text under the pointer must not move while it is selected.
    if (isSelecting && document.getSelection()?.isCollapsed === false) move("up");
  }, passive);
  element.addEventListener("scroll", scrolled, passive);
  return () => stop.abort();
}

function layoutOf(element: HTMLElement): Layout {
  return { offset: element.scrollTop, content: element.scrollHeight, viewport: element.clientHeight };
}
