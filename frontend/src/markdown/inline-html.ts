// The few HTML tags that are honoured in text, in pairs and without attributes.

import type { Token } from "marked";

const PAIRED: ReadonlySet<string> = new Set(["sub", "sup", "kbd", "mark", "u"]);
const TAG = /^<(\/?)([a-z]+)>$/i;
const BREAK = /^<br ?\/?>$/i;

export type PairedTag = "sub" | "sup" | "kbd" | "mark" | "u";

export type Piece =
  | { readonly kind: "token"; readonly token: Token }
  | { readonly kind: "break" }
  | { readonly kind: "pair"; readonly tag: PairedTag; readonly pieces: readonly Piece[] };

/** Returns `tokens` with pairs of allowed tags as nodes; a tag without a partner stays a token. */
export function pairTags(tokens: readonly Token[]): Piece[] {
  const stack: { tag: PairedTag; token: Token; pieces: Piece[] }[] = [];
  let pieces: Piece[] = [];
  for (const token of tokens) {
    const match = token.type === "html" ? TAG.exec(token.raw) : null;
    const tag = match?.[2]?.toLowerCase() as PairedTag | undefined;
    if (token.type === "html" && BREAK.test(token.raw)) pieces.push({ kind: "break" });
    else if (tag === undefined || !PAIRED.has(tag)) pieces.push({ kind: "token", token });
    else if (match?.[1] === "") {
      stack.push({ tag, token, pieces });
      pieces = [];
    } else if (stack.at(-1)?.tag === tag) {
      const outer = stack.pop()?.pieces ?? [];
      outer.push({ kind: "pair", tag, pieces });
      pieces = outer;
    } else pieces.push({ kind: "token", token });
  }
  for (const { token, pieces: outer } of stack.toReversed()) {
    outer.push({ kind: "token", token }, ...pieces);
    pieces = outer;
  }
  return pieces;
}
