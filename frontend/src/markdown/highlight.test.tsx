import { renderToStaticMarkup } from "react-dom/server";
import { describe, expect, it } from "vitest";

import { highlight, LANGUAGES } from "./highlight";

describe("highlight", () => {
  it("knows the languages that people ask for", () => {
    expect(LANGUAGES.length).toBeGreaterThanOrEqual(12);
    for (const name of ["python", "py", "typescript", "ts", "tsx", "go", "rust", "bash", "sh", "sql", "yaml", "json", "html", "toml", "dockerfile"]) {
      expect(typeof highlight("a", name), name).not.toBe("undefined");
    }
  });

  it("colours keywords and keeps every character", () => {
    const markup = renderToStaticMarkup(<code>{highlight("def f(): # <b>\n    return 'x'\n", "python")}</code>);
    expect(markup).toContain('<span class="hljs-keyword">def</span>');
    expect(markup.replaceAll(/<[^>]*>/g, "")).toBe("def f(): # &lt;b&gt;\n    return &#x27;x&#x27;\n");
  });

  it("leaves an unknown language as it is", () => {
    expect(highlight("a b", "mermaid")).toBe("a b");
  });
});
