import type { Token, Tokens } from "marked";
import { describe, expect, it } from "vitest";

import { parseBlocks, type Block } from "./blocks";

/** Returns every formula of `markdown`, block formulas in double brackets. */
function formulas(markdown: string): string[] {
  const found: string[] = [];
  const walk = (tokens: readonly Token[]): void => {
    for (const token of tokens) {
      const { type, text, isBlock, tokens: inner } = token as Token & { isBlock?: boolean; text?: string; tokens?: Token[] };
      if ((type as string) === "math") found.push(isBlock ? `[[${text}]]` : (text ?? ""));
      if (inner) walk(inner);
    }
  };
  for (const block of parseBlocks(markdown).blocks) walk(block.tokens);
  return found;
}

function types(markdown: string): string[] {
  return parseBlocks(markdown).blocks.map((block) => block.tokens[0]?.type ?? "plain");
}

/** Returns the types of the tokens inside a paragraph. */
function inlineTypes(block: Block | undefined): string[] {
  const paragraph = block?.tokens[0] as Tokens.Paragraph | undefined;
  return paragraph?.tokens.map((token) => token.type) ?? [];
}

describe("maths", () => {
  it.each([
    ["The area is $\\pi r^2$.", ["\\pi r^2"]],
    ["$x$ and $y$", ["x", "y"]],
    ["$1 + 1 = 2$", ["1 + 1 = 2"]],
    ["a \\(x_1\\) b", ["x_1"]],
    ["\\[ \\frac{a}{b} \\]", ["[[\\frac{a}{b}]]"]],
    ["$$\n\\sum_i x_i\n$$", ["[[\\sum_i x_i]]"]],
    ["text\n$$\na\n$$\nmore", ["[[a]]"]],
    ["so $$a+b$$ holds", ["[[a+b]]"]],
    ["\\[ \\begin{matrix} a \\\\[2pt] b \\end{matrix} \\]", ["[[\\begin{matrix} a \\\\[2pt] b \\end{matrix}]]"]],
  ])("%j holds the formulas %j", (markdown, expected) => expect(formulas(markdown)).toEqual(expected));

  it.each([
    "It costs $5 and $10.", "between $5-$10", "US$5 or A$6", "$1,000 to $2,000", "$5/month and 10$/year", "a $ b $ c",
    "set $HOME and $PATH", "`$x$`", "```\n$x$\n```", "\\$x\\$", "$20 (was $25)", "they paid $3 for two, $5 for four",
  ])("%j holds none", (markdown) => expect(formulas(markdown)).toEqual([]));

  it("keeps emphasis marks of a formula out of the text", () => {
    const [block] = parseBlocks("$a_1 b_2$ and _this_").blocks;
    expect(inlineTypes(block)).toEqual(["math", "text", "em"]);
  });
});

describe("footnotes", () => {
  it("reads definitions and references", () => {
    expect(types("See[^1] and[^n].\n\n[^1]: The first\nnote.\n[^n]: Another.\n")).toEqual(["paragraph", "footnote", "footnote"]);
  });

  it("leaves link definitions alone", () => {
    expect(types("[a]: http://b\n\n[a]")).toEqual(["def", "paragraph"]);
  });
});

describe("details", () => {
  it("holds Markdown, and is open to the end while it streams", () => {
    expect(types("<details>\n<summary>More</summary>\n\n- a\n- b\n\n</details>\n\nend")).toEqual(["details", "paragraph"]);
    expect(types("<details><summary>More</summary>\n\nhalf")).toEqual(["details"]);
  });

  it.each(['<details ontoggle="x"><summary>a</summary>b</details>', "<details>no summary</details>"])("leaves %s as text", (markdown) => {
    expect(types(markdown)).not.toContain("details");
  });
});

describe("links of citations", () => {
  it("finds a definition in another block, also when it comes later", () => {
    const markdown = "As shown [1].\n\nMore.\n\n[1]: https://example.com/paper\n";
    const before = parseBlocks(markdown.slice(0, 20));
    const [first] = parseBlocks(markdown, before).blocks;
    expect(inlineTypes(first)).toContain("link");
  });
});
