// Hostile Markdown: no text makes a parsing step longer than a frame.

import { describe, expect, it } from "vitest";

import { NOTHING, parseBlocks, type Parsed } from "./blocks";

// A frame is 16 ms, which a quiet machine keeps; a shared one computes up to three times as long.
const MAX_STEP_MS = 48;
const TRIES = 5; // the first ones run before the compiler has optimised anything

const HOSTILE: Readonly<Record<string, (size: number) => string>> = {
  "nested list in one line": (size) => "- ".repeat(size),
  "nested quote in one line": (size) => "> ".repeat(size),
  "quotes and lists": (size) => "> - ".repeat(size),
  "ordered lists": (size) => "1. ".repeat(size),
  "stairs of lists": (size) => Array.from({ length: Math.sqrt(size) }, (_one, level) => `${"  ".repeat(level)}- a`).join("\n"),
  "lazy quotes": (size) => Array.from({ length: Math.sqrt(size) }, (_one, level) => `${"> ".repeat(level)}a\nb`).join("\n"),
  "long list": (size) => "- item\n".repeat(size),
  "long table": (size) => `|a|b|\n|-|-|\n${"|1|2|\n".repeat(size)}`,
  "wide table": (size) => `${"|a".repeat(size)}|\n${"|-".repeat(size)}|\n${"|1".repeat(size)}|\n`,
  "emphasis": (size) => "_a_".repeat(size),
  "open emphasis": (size) => "*a **b ".repeat(size),
  "struck": (size) => "~~a ".repeat(size),
  "brackets": (size) => "[".repeat(size),
  "images": (size) => "![[]".repeat(size),
  "links": (size) => "[a](".repeat(size),
  "backticks": (size) => "` `` ".repeat(size),
  "tags": (size) => "<a ".repeat(size),
  "comments": (size) => "<!--".repeat(size),
  "details": (size) => "<details><summary>a</summary>\n".repeat(size),
  "dollars": (size) => "$a ".repeat(size),
  "double dollars": (size) => "$$a\n".repeat(size),
  "formula brackets": (size) => String.raw`\(a `.repeat(size),
  "footnotes": (size) => "[^a]: b\n".repeat(size),
  "footnote references": (size) => "[^a]".repeat(size),
  "definitions": (size) => Array.from({ length: size }, (_one, index) => `[${index}]: http://a\n`).join(""),
  "headings": (size) => "# a\n".repeat(size),
  "underlines": (size) => "a\n=\n".repeat(size),
  "rules": (size) => "***\n".repeat(size),
  "addresses": (size) => "http://a.b/(".repeat(size),
  "mail": (size) => "a@".repeat(size),
  "entities": (size) => "&#x41;".repeat(size),
  "spaces": (size) => " ".repeat(size),
  "lines": (size) => "\n".repeat(size),
  "tabs": (size) => "\t".repeat(size),
  "one word": (size) => "a".repeat(size),
  "open fence": (size) => `\`\`\`\n${"x = 1\n".repeat(size)}`,
  "fences": (size) => "```\n".repeat(size),
  "escapes": (size) => String.raw`\*`.repeat(size),
  "pairs": (size) => "😀".repeat(size),
};

/** Time that this thread has computed, which other processes do not lengthen. */
function threadMs(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1_000;
}

/** Parses in steps as the page does; returns the longest step in ms. */
function longestStep(text: string): number {
  let parsed: Parsed = NOTHING;
  let longest = 0;
  do {
    const since = threadMs();
    parsed = parseBlocks(text, parsed, () => threadMs() - since > 4);
    longest = Math.max(longest, threadMs() - since);
  } while (!parsed.isComplete);
  expect(parsed.blocks.map((block) => block.raw).join("")).toBe(text);
  return longest;
}

describe("parseBlocks with hostile text", () => {
  it.each(Object.entries(HOSTILE))("%s: doubled sizes, each step within its bound", (_name, make) => {
    for (let size = 250; size <= 8_000; size *= 2) {
      const text = make(size);
      let best = Infinity;
      for (let time = 0; time < TRIES && best > MAX_STEP_MS; time += 1) best = Math.min(best, longestStep(text));
      expect(best, `size ${size}`).toBeLessThan(MAX_STEP_MS);
    }
  });
});
