// What a piece of Markdown may cost: text beyond these bounds is shown as plain text.
//
// The parser recurses for each level of nesting and the page builds an element for each token, so
// an answer of `- ` repeated 3,000 times would end the parser, and 7,000 times `_a_` would block the
// page for seconds. Each bound keeps one pass below a frame (16 ms) and is far above real answers.

import type { Token } from "marked";

/** Quotes and lists inside each other on one line. */
const MAX_MARKERS = 24;
/** Columns before a list marker: two a level. */
const MAX_INDENT = 60;
/** Characters that can start inline markup, in one paragraph, list or table. */
const MAX_SPECIALS = 2_000;
/** Characters of one paragraph, list or table. Code has no such bound: it is one token. */
const MAX_CHARACTERS = 16_000;
/** Tokens of one block, and how deep they nest. */
const MAX_TOKENS = 3_000;
const MAX_DEPTH = 40;

const FENCE = /^ {0,3}(`{3,}|~{3,})/;
const MARKERS = /^(?:[ \t]*(?:>|[-*+](?=[ \t])|\d{1,9}[.)](?=[ \t])))+/;
const MARKER = />|[-*+](?=[ \t])|\d{1,9}[.)](?=[ \t])/g;
const SPECIAL = /[*_~`[\]<!\\&@:]/g;
const LIST_LINE = /^([ \t]*)(?:[-*+]|\d{1,9}[.)])[ \t]/;

/** One part of a text, at its blank lines: Markdown to parse, or text to show as it is. */
export interface Section {
  readonly raw: string;
  readonly isPlain: boolean;
}

/** Returns `text` in sections; what is within the bounds stays together, so that it is parsed together. */
export function sections(text: string): Section[] {
  const found: Section[] = [];
  for (const chunk of chunks(text)) {
    const isPlain = !chunk.isCode && exceeds(chunk.raw);
    const last = found.at(-1);
    if (last?.isPlain === isPlain) found[found.length - 1] = { raw: last.raw + chunk.raw, isPlain };
    else found.push({ raw: chunk.raw, isPlain });
  }
  return found;
}

interface Chunk {
  readonly raw: string;
  readonly isCode: boolean;
}

/** Yields paragraphs with the blank lines behind them; a fenced block of code is one chunk. */
function* chunks(text: string): Generator<Chunk> {
  let raw = "";
  let fence: string | null = null;
  let hasCode = false;
  let isBlank = false;
  for (const line of text.match(/[^\n]*\n|[^\n]+$/g) ?? []) {
    const empty = line.trim() === "";
    if (isBlank && !empty && fence === null) {
      yield { raw, isCode: hasCode };
      raw = "";
      hasCode = false;
    }
    isBlank = empty;
    raw += line;
    const mark = FENCE.exec(line)?.[1];
    if (fence === null && mark !== undefined) {
      fence = mark;
      hasCode = true;
    } else if (fence !== null && mark !== undefined && mark.startsWith(fence)) fence = null;
  }
  if (raw !== "") yield { raw, isCode: hasCode };
}

function exceeds(chunk: string): boolean {
  if (chunk.length > MAX_CHARACTERS) return true;
  if (count(chunk, SPECIAL) > MAX_SPECIALS) return true;
  return chunk.split("\n").some((line) => isTooDeep(line));
}

function isTooDeep(line: string): boolean {
  const markers = MARKERS.exec(line)?.[0];
  if (markers !== undefined && count(markers, MARKER) > MAX_MARKERS) return true;
  return (LIST_LINE.exec(line)?.[1]?.length ?? 0) > MAX_INDENT;
}

function count(text: string, pattern: RegExp): number {
  return text.match(pattern)?.length ?? 0;
}

/** Returns whether the page can show these tokens: neither too many nor too deep. */
export function fits(tokens: readonly Token[]): boolean {
  const open: { readonly token: Token; readonly depth: number }[] = tokens.map((token) => ({ token, depth: 1 }));
  let seen = 0;
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    seen += 1;
    if (seen > MAX_TOKENS || next.depth > MAX_DEPTH) return false;
    for (const token of children(next.token)) open.push({ token, depth: next.depth + 1 });
  }
  return true;
}

function children(token: Token): readonly Token[] {
  if ("items" in token && Array.isArray(token.items)) return token.items as Token[];
  if (token.type === "table") {
    const cells = [token["header"], ...(token["rows"] as unknown[])].flat() as { tokens: Token[] }[];
    return cells.flatMap((cell) => cell.tokens);
  }
  return "tokens" in token ? (token.tokens ?? []) : [];
}
