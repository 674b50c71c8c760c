// Markdown in blocks that are parsed once: while text streams in, only the last block is parsed again.

import { Lexer, type Token, type Tokens } from "marked";

import { fits, sections } from "./bounds";

export interface Block {
  /** Stable while the block's text stays the same. */
  readonly raw: string;
  readonly tokens: readonly Token[];
  /** The text exceeds a bound of the page and is shown as it is. */
  readonly isPlain: boolean;
}

export interface Parsed {
  /** The text that was parsed: all of it, or a prefix when the time ran out. */
  readonly text: string;
  readonly blocks: readonly Block[];
}

export const NOTHING: Parsed = { text: "", blocks: [] };

/** Characters of one pass. A pass costs at most a few milliseconds, so time is checked after each. */
const PASS_CHARACTERS = 4_000;

/** Returns `text` with the line ends that the parser expects. */
export function normalized(text: string): string {
  return text.replace(/\r\n?/g, "\n");
}

/**
 * Returns the blocks of `text`. When `text` only continues what `before` parsed, all blocks but
 * the last are kept: at 500 tokens a second the whole answer cannot be parsed each frame.
 * `hasTime` is asked after each pass; once it says no, the result holds a prefix of `text`.
 */
export function parseBlocks(text: string, before: Parsed = NOTHING, hasTime: () => boolean = () => true): Parsed {
  const clean = normalized(text);
  let parsed = clean.startsWith(before.text) ? before : NOTHING;
  while (parsed.text.length < clean.length) {
    parsed = extended(parsed, clean.slice(0, parsed.text.length + PASS_CHARACTERS));
    if (!hasTime()) break;
  }
  return parsed;
}

function extended(parsed: Parsed, text: string): Parsed {
  const last = parsed.blocks.at(-1);
  const kept = parsed.blocks.slice(0, -1);
  const start = parsed.text.length - (last?.raw.length ?? 0);
  const added = text.slice(parsed.text.length);
  // A block beyond the bounds stays beyond them until a blank line ends it.
  if (last?.isPlain && !/\n[ \t]*\n[^\n]*\S/.test(last.raw.slice(-80) + added)) {
    return { text, blocks: [...kept, plain(last.raw + added)] };
  }
  return { text, blocks: [...kept, ...sections(text.slice(start)).flatMap((one) => (one.isPlain ? [plain(one.raw)] : lex(one.raw)))] };
}

function plain(raw: string): Block {
  return { raw, tokens: [{ type: "text", raw, text: raw } as Token], isPlain: true };
}

function lex(text: string): Block[] {
  const blocks: Block[] = [];
  for (const token of tokensOf(text)) {
    // Blank lines belong to the block before them, so that lengths add up.
    const last = blocks.at(-1);
    if (token.type === "space" && last !== undefined) blocks[blocks.length - 1] = { ...last, raw: last.raw + token.raw };
    else blocks.push(fits([token]) ? { raw: token.raw, tokens: [token], isPlain: false } : plain(token.raw));
  }
  return blocks;
}

function tokensOf(text: string): readonly Token[] {
  const asText: Token[] = [{ type: "text", raw: text, text } as Token];
  try {
    const tokens = new Lexer({ gfm: true, breaks: false }).lex(text);
    const length = tokens.reduce((sum, token) => sum + token.raw.length, 0);
    // A parser that lost characters would shift every block behind; show the text as it is.
    return length === text.length ? tokens : asText;
  } catch {
    return asText; // the parser gave up: text stays readable
  }
}

/** Parses a text that grows; remembers only what it parsed last, so the result depends on the text alone. */
export class BlockParser {
  #last: Parsed = NOTHING;

  /** Returns the blocks of `text`, or of a prefix when `milliseconds` are over. */
  parse(text: string, milliseconds = Infinity): Parsed {
    const end = performance.now() + milliseconds;
    this.#last = parseBlocks(text, this.#last, () => performance.now() < end);
    return this.#last;
  }
}

/**
 * Returns a heading level for every block, 0 for those that are not headings. The page owns h1; below it no
 * level is skipped, at any depth that an author starts with (WCAG technique G141).
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
