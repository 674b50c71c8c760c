"use client";

import type { Token, Tokens } from "marked";
import { Fragment, memo, useEffect, useReducer, useState, type ReactNode } from "react";

import { ErrorBoundary } from "../ui/ErrorBoundary";
import { CodeBlock } from "./CodeBlock";
import { BlockParser, headingLevels, normalized, type Block } from "./blocks";
import { safeHref } from "./links";
import styles from "./markdown.module.css";

/** What parsing may take of a frame; the rest of a long text follows in the next one. */
const FRAME_MS = 6;

/**
 * Markdown as React elements. There is no HTML anywhere on the way: what looks like HTML in the
 * text is shown as the text that it is, so there is nothing to sanitise and nothing to forget.
 * A text that cannot be rendered is shown as plain text.
 */
export const Markdown = memo(function Markdown({ text }: { text: string }) {
  return (
    <ErrorBoundary resetKey="" fallback={<div className={styles.plain} dir="auto">{text}</div>}>
      <Blocks text={text} />
    </ErrorBoundary>
  );
});

function Blocks({ text }: { text: string }) {
  const [parser] = useState(() => new BlockParser());
  const [, continueParsing] = useReducer((passes: number) => passes + 1, 0);
  const { blocks, text: parsed } = parser.parse(text, FRAME_MS);
  const rest = normalized(text).slice(parsed.length);
  const isComplete = rest === "";
  useEffect(() => {
    if (isComplete) return undefined;
    const frame = requestAnimationFrame(continueParsing);
    return () => cancelAnimationFrame(frame);
  }, [isComplete, parsed.length]);
  const levels = headingLevels(blocks);
  return (
    <div className={styles.markdown}>
      {blocks.map((block, index) => (
        <BlockView key={index} block={block} level={levels[index] ?? 0} />
      ))}
      {!isComplete && <div className={styles.plain} dir="auto">{rest}</div>}
    </div>
  );
}

const BlockView = memo(
  function BlockView({ block, level }: { block: Block; level: number }) {
    const [first] = block.tokens;
    if (block.isPlain) return <div className={styles.plain} dir="auto">{block.raw}</div>;
    if (level > 0 && first?.type === "heading") return renderHeading(first as Tokens.Heading, level);
    return <>{renderAll(block.tokens)}</>;
  },
  (before, after) => before.block.raw === after.block.raw && before.level === after.level,
);

function renderAll(tokens: readonly Token[] | undefined): ReactNode {
  return tokens?.map((token, index) => <Fragment key={index}>{render(token)}</Fragment>) ?? null;
}

function render(token: Token): ReactNode {
  switch (token.type) {
    case "space":
    case "def":
      return null;
    case "paragraph":
      return <p dir="auto">{renderAll(token.tokens)}</p>;
    case "heading":
      return <p dir="auto"><strong>{renderAll(token.tokens)}</strong></p>; // inside a quote or a list: no landmark
    case "code":
      return <CodeBlock code={(token as Tokens.Code).text} language={(token as Tokens.Code).lang ?? ""} />;
    case "blockquote":
      return <blockquote dir="auto">{renderAll(token.tokens)}</blockquote>;
    case "list":
      return renderList(token as Tokens.List);
    case "table":
      return renderTable(token as Tokens.Table);
    case "hr":
      return <hr />;
    case "strong":
      return <strong>{renderAll(token.tokens)}</strong>;
    case "em":
      return <em>{renderAll(token.tokens)}</em>;
    case "del":
      return <del>{renderAll(token.tokens)}</del>;
    case "codespan":
      return <code>{(token as Tokens.Codespan).text}</code>;
    case "br":
      return <br />;
    case "link":
      return renderLink((token as Tokens.Link).href, renderAll(token.tokens));
    case "image":
      // Never loaded: an address chosen by a model would carry what it knows to any address.
      return renderLink((token as Tokens.Image).href, `🖼 ${(token as Tokens.Image).text || "image"}`);
    case "escape":
      return (token as Tokens.Escape).text;
    case "text":
      return token.tokens ? renderAll(token.tokens) : (token as Tokens.Text).text;
    default:
      return token.raw; // html among them: shown as text
  }
}

function renderHeading(token: Tokens.Heading, level: number): ReactNode {
  const Heading = `h${level}` as "h2" | "h3" | "h4" | "h5" | "h6";
  return <Heading dir="auto" data-depth={token.depth}>{renderAll(token.tokens)}</Heading>;
}

function renderList(token: Tokens.List): ReactNode {
  const items = token.items.map((item, index) => (
    <li key={index} className={item.task ? styles.task : undefined}>
      {item.task && <input type="checkbox" checked={item.checked ?? false} readOnly disabled aria-label="task" />}
      {renderAll(item.tokens.filter((one) => one.type !== "checkbox"))}
    </li>
  ));
  return token.ordered ? <ol dir="auto" start={token.start === "" ? 1 : token.start}>{items}</ol> : <ul dir="auto">{items}</ul>;
}

function renderTable(token: Tokens.Table): ReactNode {
  const align = (index: number): string | undefined => {
    const side = token.align[index];
    return side === null || side === undefined ? undefined : styles[side];
  };
  return (
    <div className={styles.scroll} tabIndex={0} role="group" aria-label="Table">
      <table>
        <thead>
          <tr>
            {token.header.map((cell, index) => (
              <th key={index} scope="col" dir="auto" className={align(index)}>{renderAll(cell.tokens)}</th>
            ))}
          </tr>
        </thead>
        <tbody>
          {token.rows.map((row, line) => (
            <tr key={line}>
              {row.map((cell, index) => (
                <td key={index} dir="auto" className={align(index)}>{renderAll(cell.tokens)}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function renderLink(href: string, children: ReactNode): ReactNode {
  const safe = safeHref(href);
  if (safe === null) return <span className={styles.deadLink}>{children}</span>;
  return (
    <a href={safe} target="_blank" rel="noopener noreferrer nofollow ugc">
      {children}
    </a>
  );
}
