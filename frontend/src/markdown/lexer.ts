// marked's lexer with bounds: its recursion, and its work on delimiters, grow without limit with the
// nesting and the number of delimiters of its input (5,000 `>` end in a stack overflow, 7,000 times
// `_a_` take seconds). What exceeds a bound becomes plain text.

import { Lexer, type Links, type Token, type TokensList } from "marked";

import { EXTENSIONS } from "./extensions";

/** Quotes and lists in each other; people nest four, models six. */
const MAX_BLOCK_DEPTH = 12;
/** Emphasis and links in each other. */
const MAX_INLINE_DEPTH = 12;
/** Calls for one window of text; ordinary text needs one per list item and quote. */
const MAX_CALLS = 1_200;
/** Delimiters of one run of text: the work grows with their square, 300 take 4 ms. */
const MAX_DELIMITERS = 300;
/** Squares of delimiter counts, summed over one window of text. */
const MAX_DELIMITER_WORK = 2 * MAX_DELIMITERS ** 2;

const DELIMITER = /[*_~`[\]<!&$@:\\]/g;

class BoundedLexer extends Lexer {
  #blockDepth = 0;
  #inlineDepth = 0;
  #calls = 0;
  #delimiterWork = 0;

  override blockTokens(src: string, tokens?: Token[], lastParagraphClipped?: boolean): Token[];
  override blockTokens(src: string, tokens?: TokensList, lastParagraphClipped?: boolean): TokensList;
  override blockTokens(src: string, tokens: Token[] = [], lastParagraphClipped?: boolean): Token[] {
    this.#calls += 1;
    if (this.#blockDepth >= MAX_BLOCK_DEPTH || this.#calls > MAX_CALLS) return plain(src, tokens);
    this.#blockDepth += 1;
    try {
      return super.blockTokens(src, tokens, lastParagraphClipped);
    } finally {
      this.#blockDepth -= 1;
    }
  }

  override inlineTokens(src: string, tokens: Token[] = []): Token[] {
    const delimiters = src.match(DELIMITER)?.length ?? 0;
    this.#delimiterWork += delimiters ** 2;
    const isTooMuch = delimiters > MAX_DELIMITERS || this.#delimiterWork > MAX_DELIMITER_WORK;
    if (this.#inlineDepth >= MAX_INLINE_DEPTH || isTooMuch) return plain(src, tokens);
    this.#inlineDepth += 1;
    try {
      return super.inlineTokens(src, tokens);
    } finally {
      this.#inlineDepth -= 1;
    }
  }
}

function plain(src: string, tokens: Token[]): Token[] {
  if (src !== "") tokens.push({ type: "text", raw: src, text: src });
  return tokens;
}

/** Returns the tokens of `text`; `links` are the link definitions of the whole document. */
export function lexWindow(text: string, links: Links): Token[] {
  const lexer = new BoundedLexer({ gfm: true, breaks: false, extensions: EXTENSIONS });
  Object.assign(lexer.tokens.links, links);
  return lexer.lex(text);
}
