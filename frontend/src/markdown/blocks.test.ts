import type { Token, Tokens } from "marked";
import { describe, expect, it } from "vitest";

import { NOTHING, parseBlocks, type Parsed } from "./blocks";

const DOCUMENT = `# Title

A paragraph with **bold** and \`code\`,
over two lines.

- one
- two
  - nested

\`\`\`python
def f():

    return 1
\`\`\`

| a | b |
|---|--:|
| 1 | 2 |

> quote

The end.
`;

describe("parseBlocks", () => {
  it("yields the same blocks for the whole text and for pieces of any size", () => {
    const whole = parseBlocks(DOCUMENT).blocks.map((block) => block.raw);
    for (const size of [1, 2, 3, 7, 40]) {
      let parsed: Parsed = NOTHING;
      for (let end = size; end < DOCUMENT.length + size; end += size) parsed = parseBlocks(DOCUMENT.slice(0, end), parsed);
      expect(parsed.blocks.map((block) => block.raw), `pieces of ${size}`).toEqual(whole);
    }
  });

  it("does not touch finished blocks while text streams in", () => {
    const first = parseBlocks("one\n\ntwo\n\nthr");
    const second = parseBlocks("one\n\ntwo\n\nthree", first);
    expect(second.blocks[0]).toBe(first.blocks[0]);
    expect(second.blocks[1]).toBe(first.blocks[1]);
    expect(second.blocks[2]?.raw).toBe("three");
  });

  it("starts again when the text is another one", () => {
    const parsed = parseBlocks("other", parseBlocks("one\n\ntwo"));
    expect(parsed.blocks.map((block) => block.raw)).toEqual(["other"]);
  });

  it("loses no character of anything", () => {
    for (const text of ["", "\n\n\n", "a\r\nb\r\n\r\nc", "<div>\n\n</div>", "\t\tcode", "[a]: http://b\n\n[a]", "1) x\n2) y\n\n\n"]) {
      const parsed = parseBlocks(text);
      expect(parsed.blocks.map((block) => block.raw).join("")).toBe(parsed.text);
    }
  });
});

describe("hostile Markdown", () => {
  const HOSTILE: Record<string, string> = {
    "a list in a list in a list": "- ".repeat(3_000) + "end",
    "a quote in a quote": "> ".repeat(5_000) + "end",
    "numbers in numbers": "1. ".repeat(2_000) + "end",
    "emphasis without end": "_a_ ".repeat(7_000),
    "open emphasis": "**a ".repeat(8_000),
    "mixed delimiters": "*_".repeat(20_000),
    "strikes": "~~a".repeat(16_000),
    "open brackets": "[".repeat(20_000),
    "links": "[a](b) ".repeat(8_000),
    "images": "![a](b) ".repeat(8_000),
    "backticks": "`a".repeat(20_000),
    "angle brackets": "<a".repeat(20_000),
    "addresses": "a@b.c ".repeat(10_000),
    "a list that indents": Array.from({ length: 500 }, (_, depth) => `${"  ".repeat(depth)}- x`).join("\n"),
    "a quote that grows": Array.from({ length: 200 }, (_, depth) => `${">".repeat(depth)} x`).join("\n"),
    "a long table": "|a|b|\n|-|-|\n" + "|**w**|`w`|\n".repeat(8_000),
    "a long list": "- word **word**\n".repeat(8_000),
    "definitions": "[a]: http://b\n".repeat(5_000),
    "one long line": "word ".repeat(40_000),
    "many paragraphs": "word **b** word\n\n".repeat(5_000),
    "a fence that does not end": "```\n" + "- > _a_\n".repeat(10_000),
    "blank lines": "\n".repeat(100_000),
    "spaces": `${" ".repeat(50_000)}x`,
  };

  it.each(Object.entries(HOSTILE))("loses no character of %s", (_name, text) => {
    const parsed = parseBlocks(text);
    expect(parsed.blocks.map((block) => block.raw).join("")).toBe(text);
  });

  it.each(Object.entries(HOSTILE))("stops %s when the time of a frame is over", (_name, text) => {
    let parsed: Parsed = NOTHING;
    let passes = 0;
    do {
      expect(passes, "each pass has to go forward").toBeLessThan(1_000);
      parsed = parseBlocks(text, parsed, () => true);
      passes += 1;
    } while (!parsed.isComplete);
    expect(parsed.blocks).toEqual(parseBlocks(text).blocks);
  });

  it("shows what exceeds a bound as text, and what follows as Markdown", () => {
    const { blocks } = parseBlocks(`# Title\n\n${"- ".repeat(100)}deep\n\n**after**\n`);
    expect(blocks.map((block) => block.tokens[0]?.type)).toEqual(["heading", "list", "paragraph"]);
    const depth = (tokens: readonly Token[] = []): number =>
      Math.max(0, ...tokens.map((token) => 1 + depth([...((token as Tokens.Generic).tokens ?? []), ...(((token as Tokens.Generic)["items"] as Token[] | undefined) ?? [])])));
    expect(depth(blocks[1]?.tokens)).toBeLessThan(40);
    expect(blocks[1]?.raw).toContain("deep");
  });

  it("costs at most in proportion to the text when it is twice as long", () => {
    const cost = (size: number): number => {
      const text = "- word *word* `word`\n".repeat(size);
      const start = performance.now();
      let parsed: Parsed = NOTHING;
      for (let end = 500; end < text.length + 500; end += 500) parsed = parseBlocks(text.slice(0, end), parsed);
      return performance.now() - start;
    };
    cost(200); // compiled before it is measured
    const [small, large] = [Math.min(cost(1_500), cost(1_500)), Math.min(cost(6_000), cost(6_000))];
    expect(large / Math.max(small, 1)).toBeLessThan(16); // 4 times the text; 16 would be quadratic
  });
});
