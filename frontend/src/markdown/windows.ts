// A long text is parsed in windows, so that no step of parsing is long, for any text.

/** The time for a list grows with the square of its items: 4,000 characters of `- a` take 8 ms. */
const TEXT_CHARACTERS = 4_000;
/** A table that is cut has no header; the time for a table is linear. */
const TABLE_CHARACTERS = 6_000;

const FENCE = /^ {0,3}(`{3,}|~{3,})[^\n]*(?:\n|$)/;
const LIST = /^ {0,3}(?:[-*+]|\d{1,9}[.)])(?:[ \t]|\n|$)/;
const TABLE = /^[^\n]*\|[^\n]*\n {0,3}\|?[ \t]*:?-+:?[ \t]*(?:\||\n|$)/;
const LIST_ITEM = /\n(?=(?:[-*+]|\d{1,9}[.)])[ \t])/g;

export interface Window {
  readonly end: number;
  /** Text follows that does not belong to this window. */
  readonly isCut: boolean;
}

/** Returns the window of `text` that starts at `start`, where a block starts. */
export function windowAt(text: string, start: number): Window {
  const fence = fenceEnd(text, start);
  if (fence !== null) return { end: fence, isCut: false };
  const size = sizeAt(text, start);
  if (text.length - start <= size) return { end: text.length, isCut: false };
  return { end: start + cutOf(text.slice(start, start + size)), isCut: true };
}

function sizeAt(text: string, start: number): number {
  return TABLE.test(text.slice(start, start + TEXT_CHARACTERS)) ? TABLE_CHARACTERS : TEXT_CHARACTERS;
}

/** Returns where a fenced block that starts at `start` ends; null when none starts there. */
function fenceEnd(text: string, start: number): number | null {
  const fence = FENCE.exec(text.slice(start, start + 200));
  const mark = fence?.[1];
  if (!fence || mark === undefined) return null;
  const closing = new RegExp(`^ {0,3}${mark[0]}{${mark.length},}[ \\t]*(?:\\n+|$)`, "gm");
  closing.lastIndex = start + fence[0].length;
  const found = closing.exec(text);
  return found ? found.index + found[0].length : text.length;
}

/** Returns where to cut: before a list item at the margin, else behind a line, else behind a word. */
function cutOf(piece: string): number {
  const half = piece.length / 2;
  if (LIST.test(piece)) {
    let item = 0;
    for (const match of piece.matchAll(LIST_ITEM)) item = match.index + 1;
    if (item > half) return item;
  }
  const line = piece.lastIndexOf("\n") + 1;
  if (line > half) return line;
  const word = piece.lastIndexOf(" ") + 1;
  if (word > half) return word;
  // Never between the halves of a surrogate pair.
  const last = piece.charCodeAt(piece.length - 1);
  return last >= 0xd800 && last <= 0xdbff ? piece.length - 1 : piece.length;
}
