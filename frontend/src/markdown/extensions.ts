// Syntax beyond CommonMark and GFM: maths, footnotes, <details>.

import type { MarkedOptions, Token, TokenizerThis } from "marked";

export interface MathToken {
  readonly type: "math";
  readonly raw: string;
  readonly text: string;
  readonly isBlock: boolean;
}

export interface FootnoteReference {
  readonly type: "footnoteReference";
  readonly raw: string;
  readonly label: string;
}

export interface FootnoteDefinition {
  readonly type: "footnote";
  readonly raw: string;
  readonly label: string;
  readonly tokens: Token[];
}

export interface DetailsToken {
  readonly type: "details";
  readonly raw: string;
  readonly summary: Token[];
  readonly tokens: Token[];
}

// Content has no blank line, where a paragraph ends, and no second opening mark: the search for a
// closing mark then ends at the next opening one, so that the time stays linear.
const IN_DOLLARS = String.raw`((?:\\[^]|(?!\n[ \t]*\n|\$\$)[^\\])+?)`;
const IN_PARENTHESES = String.raw`((?:\\[^()]|(?!\n[ \t]*\n)[^\\])+?)`;
const IN_BRACKETS = String.raw`((?:\\[^[\]]|(?!\n[ \t]*\n)[^\\])+?)`;
const DOLLAR_BLOCK = new RegExp(String.raw`^ {0,3}\$\$${IN_DOLLARS}\$\$[ \t]*(?:\n|$)`);
const BRACKET_BLOCK = new RegExp(String.raw`^ {0,3}\\\[${IN_BRACKETS}\\\][ \t]*(?:\n|$)`);
const DOLLARS = new RegExp(String.raw`^\$\$${IN_DOLLARS}\$\$`);
const PARENTHESES = new RegExp(String.raw`^\\\(${IN_PARENTHESES}\\\)`);
const BRACKETS = new RegExp(String.raw`^\\\[${IN_BRACKETS}\\\]`);
// Pandoc's rule (pandoc.org/MANUAL.html, tex_math_dollars): no space inside the dollars, no digit behind.
const DOLLAR = /^\$(?![\s$])((?:\\[^\n]|[^\\$\n])*?)(?<![\s\\])\$(?![\d$])/;
// "$5/month and 10$/year" holds a price: words that follow a number, and no sign of an expression.
const PRICE = /^\d[^=<>^_\\]*\s[^=<>^_\\]*$/;
const NUMBERS = /^[\d\s.,+*/()-]*$/;
const FOOTNOTE = /^ {0,3}\[\^([^\s\]]{1,64})\]:[ \t]*([^\n]*(?:\n(?! {0,3}\[\^)[^\n]*\S[^\n]*)*)(?:\n|$)/;
const FOOTNOTE_REFERENCE = /^\[\^([^\s\]]{1,64})\](?!:)/;
const DETAILS = /^ {0,3}<details(?: open)?>\s*<summary>([^]*?)<\/summary>([^]*?)(?:<\/details>[ \t]*(?:\n|$)|$)/i;

function blockMath(src: string): MathToken | undefined {
  const match = DOLLAR_BLOCK.exec(src) ?? BRACKET_BLOCK.exec(src);
  return match ? { type: "math", raw: match[0], text: (match[1] ?? "").trim(), isBlock: true } : undefined;
}

function inlineMath(src: string): MathToken | undefined {
  const display = DOLLARS.exec(src) ?? BRACKETS.exec(src);
  if (display) return { type: "math", raw: display[0], text: (display[1] ?? "").trim(), isBlock: true };
  const match = PARENTHESES.exec(src) ?? DOLLAR.exec(src);
  const text = match?.[1]?.trim();
  if (!match || !text || (src.startsWith("$") && isPrice(text))) return undefined;
  return { type: "math", raw: match[0], text, isBlock: false };
}

function isPrice(text: string): boolean {
  return PRICE.test(text) && !NUMBERS.test(text);
}

function footnote(this: TokenizerThis, src: string): FootnoteDefinition | undefined {
  const match = FOOTNOTE.exec(src);
  if (!match) return undefined;
  return { type: "footnote", raw: match[0], label: match[1] ?? "", tokens: this.lexer.inline(match[2] ?? "") };
}

function footnoteReference(src: string): FootnoteReference | undefined {
  const match = FOOTNOTE_REFERENCE.exec(src);
  return match ? { type: "footnoteReference", raw: match[0], label: match[1] ?? "" } : undefined;
}

function details(this: TokenizerThis, src: string): DetailsToken | undefined {
  const match = DETAILS.exec(src);
  if (!match) return undefined;
  return {
    type: "details", raw: match[0], summary: this.lexer.inline((match[1] ?? "").trim()),
    tokens: this.lexer.blockTokens((match[2] ?? "").trim(), []),
  };
}

function startOf(pattern: RegExp): (src: string) => number {
  return (src) => src.search(pattern);
}

type Extensions = NonNullable<MarkedOptions["extensions"]>;

/** In the shape that `Marked.use` produces, without pulling in the HTML renderer. */
export const EXTENSIONS = {
  block: [blockMath, footnote, details],
  inline: [inlineMath, footnoteReference],
  // A paragraph ends before one of these; positions behind the first character are looked at.
  startBlock: [
    startOf(new RegExp(`\\n${DOLLAR_BLOCK.source.slice(1)}`)), startOf(new RegExp(`\\n${BRACKET_BLOCK.source.slice(1)}`)),
    startOf(/\n {0,3}(?:\[\^[^\s\]]+\]:|<details)/i),
  ],
  startInline: [startOf(/(?<![\w$\\])\$|\\[([]|\[\^/)],
  renderers: {},
  childTokens: {},
} as unknown as Extensions;
