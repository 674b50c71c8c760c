import { describe, expect, it } from "vitest";

import { safeHref } from "./links";

describe("safeHref", () => {
  it.each([
    ["https://example.com/a?b=c#d", "https://example.com/a?b=c#d"],
    ["HTTP://EXAMPLE.com", "http://example.com/"],
    ["mailto:ann@example.com", "mailto:ann@example.com"],
    ["https://bücher.example/", "https://xn--bcher-kva.example/"],
    ["http://[::1]:8080/", "http://[::1]:8080/"],
  ])("follows %s", (href, expected) => expect(safeHref(href)).toBe(expected));

  it.each([
    "javascript:alert(1)", "JaVaScRiPt:alert(1)", " javascript:alert(1)", "java\nscript:alert(1)", "\u0000javascript:x",
    "data:text/html,x", "vbscript:x", "blob:https://a/1", "file:///etc/passwd", "//evil.example", "/api/auth/browser/logout",
    "", "#x", "https://good.example@evil.example/", "https://user:pass@evil.example/", "http://", "filesystem:x", "intent://x",
    'http://evil.example"onmouseover=x',
  ])("refuses %j", (href) => expect(safeHref(href)).toBeNull());
});
