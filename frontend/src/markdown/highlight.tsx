// Code to coloured React elements. Loaded late, with the grammars of the languages that models write.

import bash from "highlight.js/lib/languages/bash";
import c from "highlight.js/lib/languages/c";
import cpp from "highlight.js/lib/languages/cpp";
import csharp from "highlight.js/lib/languages/csharp";
import css from "highlight.js/lib/languages/css";
import diff from "highlight.js/lib/languages/diff";
import dockerfile from "highlight.js/lib/languages/dockerfile";
import go from "highlight.js/lib/languages/go";
import ini from "highlight.js/lib/languages/ini";
import java from "highlight.js/lib/languages/java";
import javascript from "highlight.js/lib/languages/javascript";
import json from "highlight.js/lib/languages/json";
import kotlin from "highlight.js/lib/languages/kotlin";
import makefile from "highlight.js/lib/languages/makefile";
import nginx from "highlight.js/lib/languages/nginx";
import php from "highlight.js/lib/languages/php";
import powershell from "highlight.js/lib/languages/powershell";
import python from "highlight.js/lib/languages/python";
import ruby from "highlight.js/lib/languages/ruby";
import rust from "highlight.js/lib/languages/rust";
import shell from "highlight.js/lib/languages/shell";
import sql from "highlight.js/lib/languages/sql";
import swift from "highlight.js/lib/languages/swift";
import typescript from "highlight.js/lib/languages/typescript";
import xml from "highlight.js/lib/languages/xml";
import yaml from "highlight.js/lib/languages/yaml";
import { createLowlight } from "lowlight";
import type { ReactNode } from "react";

const GRAMMARS = {
  bash, c, cpp, csharp, css, diff, dockerfile, go, ini, java, javascript, json, kotlin, makefile, nginx, php, powershell,
  python, ruby, rust, shell, sql, swift, typescript, xml, yaml,
};
const lowlight = createLowlight(GRAMMARS);
lowlight.registerAlias({ ini: ["toml", "conf"], xml: ["html", "svg"], javascript: ["jsx", "mjs"], typescript: ["tsx"], json: ["json5", "jsonc"], bash: ["zsh", "sh"] });

export const LANGUAGES: readonly string[] = Object.keys(GRAMMARS);

interface Node {
  readonly type: string;
  readonly value?: string;
  readonly properties?: { readonly className?: unknown };
  readonly children?: readonly Node[];
}

/** Returns `code` with its colours; the plain code when the language has no grammar here. */
export function highlight(code: string, language: string): ReactNode {
  if (!lowlight.registered(language)) return code;
  return lowlight.highlight(language, code).children.map((node, index) => convert(node as Node, index));
}

function convert(node: Node, key: number): ReactNode {
  if (node.type === "text") return node.value;
  const names = node.properties?.className;
  return <span key={key} className={Array.isArray(names) ? names.join(" ") : undefined}>{node.children?.map(convert)}</span>;
}
