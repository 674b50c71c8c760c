"use client";

import { useCallback, useEffect, useRef, useState, type RefObject } from "react";

/** Distance from the end, in pixels, within which a person who scrolls down follows again. */
const NEAR_PX = 80;
const UP_KEYS = new Set(["PageUp", "Home", "ArrowUp"]);
const DOWN_KEYS = new Set(["PageDown", "End", "ArrowDown"]);

/** How far a list is scrolled, in pixels. */
export interface Extent {
  readonly offset: number;
  readonly scrollSize: number;
  readonly viewportSize: number;
}

export interface Follow {
  /** True while the list stays at its end; a ref, since each frame asks. */
  readonly isFollowing: RefObject<boolean>;
  /** The same, for rendering. */
  readonly isAway: boolean;
  /** Follow from now on: the person asked for it, or sent something. */
  readonly follow: () => void;
  /** Note that the person moves the list: up leaves the end, down may come back to it. */
  readonly move: (isUp: boolean) => void;
  /** Report each scroll event. */
  readonly scrolled: (extent: Extent) => void;
}

/**
 * Decides whether a list that grows stays at its end. Only a person's input leaves the end: wheel,
 * touch, keys, the scroll bar, or selected text. Scroll events alone say nothing, since growing
 * text moves the offset as well.
 */
export function useFollow(box: RefObject<HTMLElement | null>): Follow {
  const isFollowing = useRef(true);
  const [isAway, setAway] = useState(false);
  const goesDown = useRef(false);
  const isDragging = useRef(false);
  const lastOffset = useRef(0);

  const follow = useCallback(() => {
    isFollowing.current = true;
    setAway(false);
  }, []);

  const move = useCallback((isUp: boolean) => {
    goesDown.current = !isUp;
    if (!isUp) return;
    isFollowing.current = false;
    setAway(true);
  }, []);

  useEffect(() => {
    const element = box.current;
    if (!element) return undefined;
    let touchY = 0;
    const onWheel = (event: WheelEvent): void => {
      if (event.deltaY !== 0 && !event.ctrlKey) move(event.deltaY < 0);
    };
    const onTouchStart = (event: TouchEvent): void => {
      touchY = event.touches[0]?.clientY ?? 0;
    };
    const onTouchMove = (event: TouchEvent): void => {
      const y = event.touches[0]?.clientY ?? touchY;
      if (y !== touchY) move(y > touchY);
      touchY = y;
    };
    const onKey = (event: KeyboardEvent): void => {
      const isSpace = event.key === " ";
      if (UP_KEYS.has(event.key) || (isSpace && event.shiftKey)) move(true);
      else if (DOWN_KEYS.has(event.key) || isSpace) move(false);
    };
    const onPointerDown = (event: PointerEvent): void => {
      // Beside the content is the scroll bar.
      const target = event.target as HTMLElement;
      isDragging.current = event.offsetX > target.clientWidth && target.scrollHeight > target.clientHeight;
    };
    const onPointerUp = (): void => {
      isDragging.current = false;
    };
    const onSelection = (): void => {
      const selection = document.getSelection();
      if (selection && !selection.isCollapsed && element.contains(selection.anchorNode)) move(true);
    };
    const passive = { passive: true };
    element.addEventListener("wheel", onWheel, passive);
    element.addEventListener("touchstart", onTouchStart, passive);
    element.addEventListener("touchmove", onTouchMove, passive);
    element.addEventListener("keydown", onKey);
    element.addEventListener("pointerdown", onPointerDown, passive);
    window.addEventListener("pointerup", onPointerUp, passive);
    document.addEventListener("selectionchange", onSelection);
    return () => {
      element.removeEventListener("wheel", onWheel);
      element.removeEventListener("touchstart", onTouchStart);
      element.removeEventListener("touchmove", onTouchMove);
      element.removeEventListener("keydown", onKey);
      element.removeEventListener("pointerdown", onPointerDown);
      window.removeEventListener("pointerup", onPointerUp);
      document.removeEventListener("selectionchange", onSelection);
    };
  }, [box, move]);

  const scrolled = useCallback(({ offset, scrollSize, viewportSize }: Extent) => {
    const isDown = offset > lastOffset.current;
    const isUp = offset < lastOffset.current;
    lastOffset.current = offset;
    if (scrollSize <= viewportSize) return follow(); // everything is in sight
    const isNear = scrollSize - viewportSize - offset < NEAR_PX;
    if (isDragging.current && isUp) move(true);
    else if (isNear && isDown && (goesDown.current || isDragging.current)) follow();
    return undefined;
  }, [follow, move]);

  return { isFollowing, isAway, follow, move, scrolled };
}
