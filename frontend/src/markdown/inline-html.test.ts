import type { Tokens } from "marked";
import { describe, expect, it } from "vitest";

import { pairTags, type Piece } from "./inline-html";
import { lexWindow } from "./lexer";

/** Returns the inline pieces of one paragraph as text: pairs in braces, breaks as a bar. */
function show(markdown: string): string {
  const [paragraph] = lexWindow(markdown, {});
  const text = (pieces: readonly Piece[]): string =>
    pieces.map((piece) => (piece.kind === "break" ? "|" : piece.kind === "pair" ? `${piece.tag}{${text(piece.pieces)}}` : piece.token.raw)).join("");
  return text(pairTags((paragraph as Tokens.Paragraph).tokens));
}

describe("pairTags", () => {
  it.each([
    ["H<sub>2</sub>O", "Hsub{2}O"],
    ["x<sup>a<sub>b</sub></sup>", "xsup{asub{b}}"],
    ["a<br>b<BR/>c<br />d", "a|b|c|d"],
    ["press <kbd>Ctrl</kbd>", "press kbd{Ctrl}"],
  ])("honours %s", (markdown, expected) => expect(show(markdown)).toBe(expected));

  it.each([
    "a <sub>b", "a </sub>b", "a<sub onclick=x>b</sub>", "<i>a</i>", "a<sup>b</sub>", "x <script>y</script>", '<br class="x">z',
  ])("leaves %s as text", (markdown) => expect(show(markdown).replaceAll(/<\/?sub>/g, "")).not.toMatch(/sub\{|sup\{|\|/));

  it("keeps every token of tags without a partner", () => {
    expect(show("a <sub>b <sup>c</sup> d")).toBe("a <sub>b sup{c} d");
  });
});
