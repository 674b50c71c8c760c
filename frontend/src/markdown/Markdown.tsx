"use client";

import { memo, useEffect, useState } from "react";

import { ErrorBoundary } from "../ui/ErrorBoundary";
import { BlockParser, headingLevels, type Block, type Parsed } from "./blocks";
import { FootnoteScope } from "./footnotes";
import styles from "./markdown.module.css";
import { renderBlock } from "./render";

/** Of a frame's 16 ms; the rest of the text follows in the next frames. */
const PARSE_MS = 6;

/**
 * Markdown as React elements. There is no HTML anywhere on the way: what looks like HTML in the
 * text is shown as the text that it is, so there is nothing to sanitise and nothing to forget.
 * A text that cannot be rendered is shown as plain text.
 */
export const Markdown = memo(function Markdown({ text }: { text: string }) {
  return (
    <ErrorBoundary resetKey="" fallback={<p className={styles.plain} dir="auto">{text}</p>}>
      <Blocks text={text} />
    </ErrorBoundary>
  );
});

function Blocks({ text }: { text: string }) {
  const [parser] = useState(() => new BlockParser());
  const [, setRound] = useState(0);
  const { blocks, isComplete } = parseWithin(parser, text);
  useEffect(() => {
    if (isComplete) return undefined;
    const frame = requestAnimationFrame(() => setRound((round) => round + 1));
    return () => cancelAnimationFrame(frame);
  });
  const levels = headingLevels(blocks);
  return (
    <FootnoteScope blocks={blocks}>
      <div className={styles.markdown}>
        {blocks.map((block, index) => (
          <BlockView key={index} block={block} level={levels[index] ?? 0} />
        ))}
      </div>
    </FootnoteScope>
  );
}

function parseWithin(parser: BlockParser, text: string): Parsed {
  const since = performance.now();
  return parser.parse(text, () => performance.now() - since > PARSE_MS);
}

const BlockView = memo(
  function BlockView({ block, level }: { block: Block; level: number }) {
    if (block.tokens.length === 0) return <p className={styles.plain} dir="auto">{block.raw}</p>;
    return <>{renderBlock(block, level)}</>;
  },
  (before, after) => before.block.raw === after.block.raw && before.level === after.level && before.block.tokens.length === after.block.tokens.length,
);
