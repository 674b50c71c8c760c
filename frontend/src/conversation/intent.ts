// What a person does to scroll: wheel, touch, keys, scroll bar, text selection.

export type Direction = "up" | "down";

const KEYS: Readonly<Record<string, Direction>> = {
  ArrowUp: "up", PageUp: "up", Home: "up", ArrowDown: "down", PageDown: "down", End: "down",
};

/** Returns the direction in which `key` scrolls; null when it does not scroll, or types or moves a caret. */
export function keyDirection(event: Pick<KeyboardEvent, "key" | "shiftKey" | "ctrlKey" | "altKey" | "metaKey" | "target">): Direction | null {
  if (event.altKey || isEditable(event.target)) return null;
  if (event.key === " " && !isControl(event.target)) return event.shiftKey ? "up" : "down";
  return KEYS[event.key] ?? null;
}

/** Returns whether an element between `target` and `scroller` takes the movement, because it scrolls itself. */
export function isTakenInside(target: EventTarget | null, scroller: Element, direction: Direction): boolean {
  for (let element = target as Element | null; element && element !== scroller; element = element.parentElement) {
    const room = direction === "up" ? element.scrollTop : element.scrollHeight - element.clientHeight - element.scrollTop;
    if (room < 1) continue;
    const { overflowY } = getComputedStyle(element);
    if (overflowY === "auto" || overflowY === "scroll") return true;
  }
  return false;
}

/** Returns whether a press at `clientX` is on the vertical scroll bar of `scroller`, on either side. */
export function isOnScrollBar(clientX: number, scroller: Pick<HTMLElement, "getBoundingClientRect" | "clientLeft" | "clientWidth">): boolean {
  const left = scroller.getBoundingClientRect().left + scroller.clientLeft;
  return clientX < left || clientX >= left + scroller.clientWidth;
}

function isEditable(target: EventTarget | null): boolean {
  return target instanceof Element && target.matches("input, textarea, select, [contenteditable]");
}

function isControl(target: EventTarget | null): boolean {
  return target instanceof Element && target.matches("button, summary, a");
}
