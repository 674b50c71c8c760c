import { renderToStaticMarkup } from "react-dom/server";
import { describe, expect, it } from "vitest";

import { renderFormula } from "./maths";

function markup(text: string, isBlock = false): string {
  return renderToStaticMarkup(<>{renderFormula(text, isBlock)}</>);
}

describe("renderFormula", () => {
  it("makes MathML", () => {
    expect(markup("x^2")).toMatch(/<math.*<msup><mi>x<\/mi><mn[^>]*>2<\/mn><\/msup>.*<\/math>/);
    expect(markup("\\frac{a}{b}", true)).toContain("<mfrac>");
    expect(markup("\\begin{pmatrix} a & b \\\\ c & d \\end{pmatrix}", true)).toContain("<mtable");
  });

  it.each(["\\frac{", "\\unknown", "}{", "\\begin{matrix}"])("shows the source of %s, which is wrong", (text) => {
    expect(renderFormula(text, false)).toBeNull();
  });

  it("ends a definition that never ends", () => {
    expect(renderFormula("\\def\\a{\\a\\a}\\a", false)).toBeNull();
  });

  it("shows tags in text as text", () => {
    expect(markup("\\text{<img src=x>}")).toContain("&lt;img");
  });

  it.each([
    "\\href{javascript:alert(1)}{x}", "\\includegraphics{https://evil.example/x.png}", "\\htmlStyle{background:url(x)}{x}",
    "\\class{onload}{x}", "\\url{https://evil.example}",
  ])("makes nothing active of %s", (text) => {
    expect(markup(text)).not.toMatch(/<(?!\/?(?:math|m[a-z]+)\b)|href=|src=|url\(|\son\w+=/);
  });
});
