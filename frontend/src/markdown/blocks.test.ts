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
  it("yields the same blocks whether the text came at once or in pieces of any size", () => {
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

  it("begins anew when the text is another one", () => {
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
