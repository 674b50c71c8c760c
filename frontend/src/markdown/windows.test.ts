import { describe, expect, it } from "vitest";

import { windowAt } from "./windows";

describe("windowAt", () => {
  it("takes a short text whole", () => {
    expect(windowAt("a\n\nb", 0)).toEqual({ end: 4, isCut: false });
  });

  it("takes a fenced block whole, however long it is", () => {
    const code = `\`\`\`js\n${"x = 1;\n".repeat(9_000)}\`\`\`\n`;
    expect(windowAt(`${code}after`, 0)).toEqual({ end: code.length, isCut: false });
    expect(windowAt(code.slice(0, -5), 0).isCut).toBe(false);
  });

  it("cuts a long list before an item at the margin", () => {
    const text = "- item\n  - inner\n".repeat(1_000);
    const { end, isCut } = windowAt(text, 0);
    expect(isCut).toBe(true);
    expect(text.slice(end)).toMatch(/^- item/);
  });

  it("cuts text behind a line, else behind a word, and never inside a character", () => {
    expect("x".repeat(80).concat("\n").repeat(100).slice(0, windowAt("x".repeat(80).concat("\n").repeat(100), 0).end)).toMatch(/\n$/);
    const words = "word ".repeat(2_000);
    expect(words.slice(0, windowAt(words, 0).end)).toMatch(/ $/);
    const faces = `a${"😀".repeat(3_000)}`;
    expect(faces.slice(0, windowAt(faces, 0).end).isWellFormed()).toBe(true);
  });

  it("gives a table more room than text", () => {
    const table = `| a | b |\n|---|---|\n${"| 1 | 2 |\n".repeat(500)}`;
    expect(windowAt(table, 0)).toEqual({ end: table.length, isCut: false });
  });
});
