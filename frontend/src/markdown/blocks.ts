// Markdown in blocks that are parsed once: while text streams in, only the last block is parsed anew.

import { Lexer, type Token, type Tokens, type TokensList } from "marked";

export interface Block {
  /** Stable while the block's text stays the same. */
  readonly raw: string;
  readonly tokens: readonly Token[];
}

export interface Parsed {
  readonly text: string;
  readonly blocks: readonly Block[];
}

export const NOTHING: Parsed = { text: "", blocks: [] };

/**
 * Returns the blocks of `text`. When `text` only continues what `before` parsed, all blocks but
 * the last are taken over: at 500 tokens a second the whole answer cannot be parsed each frame.
 */
export function parseBlocks(text: string, before: Parsed = NOTHING): Parsed {
  const clean = text.replace(/\r\n?/g, "\n");
  if (clean === before.text) return before;
  const kept = clean.startsWith(before.text) ? before.blocks.slice(0, -1) : [];
  let start = 0;
  for (const block of kept) start += block.raw.length;
  return { text: clean, blocks: [...kept, ...lex(clean.slice(start))] };
}

function lex(text: string): Block[] {
  const blocks: Block[] = [];
  for (const token of parse(text)) {
    // Blank lines belong to the block before them, so that lengths add up.
    const last = blocks.at(-1);
    if (token.type === "space" && last !== undefined) blocks[blocks.length - 1] = { ...last, raw: last.raw + token.raw };
    else blocks.push({ raw: token.raw, tokens: [token] });
  }
  return blocks;
}

function parse(text: string): TokensList | Token[] {
  const tokens = new Lexer({ gfm: true, breaks: false }).lex(text);
  const length = tokens.reduce((sum, token) => sum + token.raw.length, 0);
  // A parser that lost characters would shift every block behind; show the text as it is.
  return length === text.length ? tokens : [{ type: "text", raw: text, text } as Token];
}

/** Parses a text that grows; remembers only what it parsed last, so the result depends on the text alone. */
export class BlockParser {
  #last: Parsed = NOTHING;

  parse(text: string): Parsed {
    this.#last = parseBlocks(text, this.#last);
    return this.#last;
  }
}

/**
 * Returns a heading level for every block, 0 for those that are none. The page owns h1; below it no
 * level is skipped, whatever depth an author began with (WCAG technique G141).
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
