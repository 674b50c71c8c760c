// Markdown in blocks that are parsed once: while text streams in, only the last block is parsed again.

import type { Links, Token, Tokens } from "marked";

import { lexWindow } from "./lexer";
import { windowAt } from "./windows";

export interface Block {
  /** Stable while the block's text stays the same. */
  readonly raw: string;
  /** Empty for a block that is shown as plain text for now. */
  readonly tokens: readonly Token[];
}

export interface Parsed {
  readonly text: string;
  readonly blocks: readonly Block[];
  /** False when the time was up: the last block is what remains, as plain text. */
  readonly isComplete: boolean;
  /** The link definitions with which `blocks` were parsed. */
  readonly links: Links;
}

/** Returns whether the time for one call has passed. */
export type IsTimeUp = () => boolean;

export const NOTHING: Parsed = { text: "", blocks: [], isComplete: true, links: {} };

/**
 * Returns the blocks of `text`. When `text` only continues what `before` parsed, all blocks but
 * the last are taken from there: at 500 tokens a second the whole answer cannot be parsed each frame.
 */
export function parseBlocks(text: string, before: Parsed = NOTHING, isTimeUp: IsTimeUp = () => false): Parsed {
  const clean = text.replace(/\r\n?/g, "\n");
  if (clean === before.text && before.isComplete) return before;
  const links = linksOf(clean, before.links);
  const isContinued = links === before.links && clean.startsWith(before.text);
  const blocks: Block[] = isContinued ? before.blocks.slice(0, -1) : [];
  let start = 0;
  for (const block of blocks) start += block.raw.length;
  let isFirst = true; // one window at least, or nothing would ever be parsed
  while (start < clean.length) {
    if (!isFirst && isTimeUp()) {
      return { text: clean, blocks: [...blocks, { raw: clean.slice(start), tokens: [] }], isComplete: false, links };
    }
    isFirst = false;
    const { end, isCut } = windowAt(clean, start);
    const found = lex(clean.slice(start, end), links);
    // The last block may continue behind the window, unless it fills the window alone.
    const certain = isCut && found.length > 1 ? found.slice(0, -1) : found;
    for (const block of certain) {
      addBlock(blocks, block);
      start += block.raw.length;
    }
  }
  return { text: clean, blocks, isComplete: true, links };
}

/** Blank lines belong to the block before them, so that lengths add up. */
function addBlock(blocks: Block[], block: Block): void {
  const last = blocks.at(-1);
  const isBlank = block.tokens[0]?.type === "space";
  if (isBlank && last !== undefined) blocks[blocks.length - 1] = { ...last, raw: last.raw + block.raw };
  else blocks.push(block);
}

function lex(text: string, links: Links): Block[] {
  const tokens = lexWindow(text, links);
  const length = tokens.reduce((sum, token) => sum + token.raw.length, 0);
  // A parser that lost characters would shift every later block; show the text as it is.
  if (length !== text.length) return [{ raw: text, tokens: [{ type: "text", raw: text, text }] }];
  const blocks: Block[] = [];
  let start = 0;
  for (const token of tokens) {
    // From the text: the parser replaces a space at the end of a list by a line break.
    addBlock(blocks, { raw: text.slice(start, start + token.raw.length), tokens: [token] });
    start += token.raw.length;
  }
  return blocks;
}

const MAX_DEFINITIONS = 200; // they are searched in the whole text for every frame
const DEFINITION = /^ {0,3}\[(?!\^)([^\]\n]{1,200})\]:[ \t]*(\S{1,2000})(?:[ \t]+"([^"\n]*)")?[ \t]*\n/gm;

/** Returns the complete link definitions of `text`; `before` itself when they are the same. */
function linksOf(text: string, before: Links): Links {
  const links: Links = {};
  let count = 0;
  if (text.includes("]:")) {
    for (const [, label, href, title] of text.matchAll(DEFINITION)) {
      const key = (label ?? "").toLowerCase().replace(/\s+/g, " ");
      links[key] ??= { href: href ?? "", title: title ?? null };
      if ((count += 1) >= MAX_DEFINITIONS) break;
    }
  }
  return JSON.stringify(links) === JSON.stringify(before) ? before : links;
}

/** Parses a text that grows; remembers only what it parsed last, so the result depends on the text alone. */
export class BlockParser {
  #last: Parsed = NOTHING;

  parse(text: string, isTimeUp?: IsTimeUp): Parsed {
    this.#last = parseBlocks(text, this.#last, isTimeUp);
    return this.#last;
  }
}

/**
 * Returns a heading level for every block, 0 for those that are none. The page owns h1; below it no
 * level is skipped, whichever depth the author used first (WCAG technique G141).
 */
export function headingLevels(blocks: readonly Block[]): number[] {
  let last = 1;
  return blocks.map((block) => {
    const [first] = block.tokens;
    if (first?.type !== "heading") return 0;
    last = Math.min(6, (first as Tokens.Heading).depth + 1, last + 1);
    return last;
  });
}
