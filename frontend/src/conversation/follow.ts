// Whether the view follows the end of a growing conversation. Intent decides, not layout: a person
// who scrolls up leaves the end; a person who scrolls down to it follows again. The rule is that of
// use-stick-to-bottom (github.com/stackblitz-labs/use-stick-to-bottom), without its animation.

export interface Layout {
  /** Pixels above the viewport. */
  readonly offset: number;
  /** Height of the whole content. */
  readonly content: number;
  readonly viewport: number;
}

export interface Follow {
  readonly isFollowing: boolean;
  /** The direction of the last wheel, key, touch or scroll-bar movement. */
  readonly direction: "up" | "down" | null;
  readonly layout: Layout;
}

/** A person who scrolls down to this distance of the end follows again. */
const NEAR_PX = 80;
/** Browsers round offsets to whole device pixels. */
const ROUNDING_PX = 2;

export const FOLLOWING: Follow = {
  isFollowing: true, direction: null, layout: { offset: 0, content: 0, viewport: 0 },
};

export function distanceToEnd({ offset, content, viewport }: Layout): number {
  return Math.max(0, content - viewport - offset);
}

/** Returns the state after a person moved the content, before the browser scrolls. */
export function afterIntent(state: Follow, direction: "up" | "down", layout: Layout): Follow {
  const canScroll = layout.content - layout.viewport > ROUNDING_PX;
  if (direction === "up") return { isFollowing: state.isFollowing && !canScroll, direction, layout: state.layout };
  return { ...state, direction };
}

/**
 * Returns the state after a scroll event. An offset that shrank without an intent comes from
 * assistive technology, find-in-page or focus, unless shorter content or a taller viewport moved it.
 */
export function afterScroll(state: Follow, layout: Layout): Follow {
  const before = state.layout;
  const movedUp = layout.offset < before.offset - ROUNDING_PX;
  const movedDown = layout.offset > before.offset;
  const isSameOrTaller = layout.content >= before.content && layout.viewport <= before.viewport;
  if (state.isFollowing) {
    const left = movedUp && isSameOrTaller && distanceToEnd(layout) > ROUNDING_PX;
    return { ...state, isFollowing: !left, layout };
  }
  const arrived = movedDown && state.direction !== "up" && distanceToEnd(layout) < NEAR_PX;
  return { ...state, isFollowing: arrived, layout };
}

/** Returns the state after the content or the viewport changed its size. */
export function afterResize(state: Follow, layout: Layout): Follow {
  const fits = layout.content - layout.viewport <= ROUNDING_PX;
  return { ...state, isFollowing: state.isFollowing || fits, layout };
}

/** Returns the state after "Follow" or after a message was sent. */
export function followAgain(state: Follow): Follow {
  return { ...state, isFollowing: true, direction: null };
}
