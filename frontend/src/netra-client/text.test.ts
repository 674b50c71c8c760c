import { describe, expect, it } from "vitest";

import { isBlank, toJson, wellFormed } from "./text.ts";

describe("wellFormed", () => {
  it.each([
    ["a\ud83db", "a\ufffdb"],
    ["\ude00\ud83d", "\ufffd\ufffd"],
    ["😀", "😀"],
    ["a\0b", "ab"],
  ])("makes %j to %j", (text, expected) => expect(wellFormed(text)).toBe(expected));
});

describe("isBlank", () => {
  it.each(["", " \n", "\u200b\u200d\ufeff", "\u202e\u2066", "\u3164", "\0"])("finds nothing visible in %j", (text) => expect(isBlank(text)).toBe(true));
  it.each(["a", "\u200ba", "😀", "\ud83d"])("finds something in %j", (text) => expect(isBlank(text)).toBe(false));
});

describe("toJson", () => {
  it("cleans the strings at every depth", () => {
    expect(toJson({ a: ["\ud83d", { b: "x\0" }], c: 1 })).toBe('{"a":["\ufffd",{"b":"x"}],"c":1}');
  });
});
