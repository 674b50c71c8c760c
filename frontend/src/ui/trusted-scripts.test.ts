import { describe, expect, it } from "vitest";

import { ownScript } from "./trusted-scripts";

const ORIGIN = "https://netra.example.com";

describe("ownScript", () => {
  it.each(["/_next/static/chunks/1a2b.js", `${ORIGIN}/_next/static/chunks/app/~page-1_x.js`])("admits %s", (url) => {
    expect(ownScript(url, ORIGIN)).toBe(new URL(url, ORIGIN).href);
  });

  it.each([
    "https://evil.example/_next/static/chunks/1.js", "//evil.example/_next/static/a.js", "javascript:alert(1)", "data:text/javascript,1",
    "/api/threads", "/_next/static/../../api/x.js", "/_next/static/a.css", "/_next/static/%2e%2e/%2e%2e/api/a.js", "blob:https://netra.example.com/1", "http://",
  ])("refuses %s", (url) => expect(ownScript(url, ORIGIN)).toBeNull());
});
