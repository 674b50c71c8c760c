// TeX to MathML as React elements. Loaded late: the converter alone weighs 50 KiB.

import temml from "temml";
import { createElement, type ReactNode } from "react";

/** What temml's tree consists of; `text` in leaves, `children` in fragments and elements. */
interface TreeNode {
  readonly type?: string;
  readonly text?: string;
  readonly attributes?: Readonly<Record<string, unknown>>;
  readonly classes?: readonly string[];
  readonly style?: Readonly<Record<string, unknown>>;
  readonly children?: readonly TreeNode[];
}

const ELEMENTS: ReadonlySet<string> = new Set((
  "math mrow mi mn mo ms mtext mspace mfrac msqrt mroot mstyle merror mpadded mphantom menclose msub msup msubsup " +
  "munder mover munderover mmultiscripts mprescripts mtable mtr mtd"
).split(" "));
const ATTRIBUTES: ReadonlySet<string> = new Set((
  "display displaystyle scriptlevel mathvariant stretchy symmetric fence separator lspace rspace minsize maxsize movablelimits " +
  "largeop accent accentunder linethickness width height depth voffset columnalign columnspan rowspan form notation"
).split(" "));
const STYLES: ReadonlySet<string> = new Set([
  "padding", "paddingLeft", "paddingRight", "paddingTop", "paddingBottom", "marginLeft", "marginRight", "width", "textAlign", "color", "borderTop", "borderBottom", "borderLeft", "borderRight",
]);
const STYLE_VALUE = /^[\w\s.#%-]{1,60}$/;

/**
 * Returns the formula; null when it is no TeX that can be read.
 *
 * temml expands at most 1,000 macros for one formula, so that no definition runs forever.
 */
export function renderFormula(text: string, isBlock: boolean): ReactNode {
  try {
    // oxlint-disable-next-line eslint/no-underscore-dangle -- the name that temml gives its tree
    const tree = temml.__renderToMathMLTree(text, { displayMode: isBlock, throwOnError: true, trust: false }) as TreeNode;
    return convert(tree, 0);
  } catch {
    return null; // a syntax error, or nesting beyond the stack: the source is shown instead
  }
}

function convert(node: TreeNode, key: number): ReactNode {
  if (node.text !== undefined && node.type === undefined) return node.text;
  const children = node.children?.map(convert) ?? [];
  if (node.type === undefined || !ELEMENTS.has(node.type)) return createElement("mrow", { key }, ...children);
  const properties: Record<string, unknown> = { key };
  for (const [name, value] of Object.entries(node.attributes ?? {})) {
    if (ATTRIBUTES.has(name)) properties[name] = String(value);
  }
  const names = (node.classes ?? []).filter((name) => /^[\w-]+$/.test(name));
  if (names.length > 0) properties["className"] = names.join(" ");
  const style = Object.entries(node.style ?? {}).filter(([name, value]) => STYLES.has(name) && STYLE_VALUE.test(String(value)));
  if (style.length > 0) properties["style"] = Object.fromEntries(style);
  return createElement(node.type, properties, ...children);
}
