// Tokens to React elements.

import type { Token, Tokens } from "marked";
import { Fragment, type ReactNode } from "react";

import type { Block } from "./blocks";
import { CodeBlock } from "./CodeBlock";
import type { DetailsToken, FootnoteDefinition, FootnoteReference, MathToken } from "./extensions";
import { FootnoteMark, FootnoteText } from "./footnotes";
import { Formula } from "./Formula";
import { pairTags, type Piece } from "./inline-html";
import { safeHref } from "./links";
import styles from "./markdown.module.css";
import { Picture } from "./Picture";

/** Returns the elements of one block; `level` is its heading level, 0 for other blocks. */
export function renderBlock(block: Block, level: number): ReactNode {
  const [first] = block.tokens;
  if (level > 0 && first?.type === "heading") return renderHeading(first as Tokens.Heading, level);
  return renderAll(block.tokens);
}

function renderAll(tokens: readonly Token[] | undefined): ReactNode {
  return tokens === undefined ? null : renderPieces(pairTags(tokens));
}

function renderPieces(pieces: readonly Piece[]): ReactNode {
  return pieces.map((piece, index) => <Fragment key={index}>{renderPiece(piece)}</Fragment>);
}

function renderPiece(piece: Piece): ReactNode {
  if (piece.kind === "break") return <br />;
  if (piece.kind === "token") return render(piece.token);
  const Tag = piece.tag;
  return <Tag>{renderPieces(piece.pieces)}</Tag>;
}

function render(token: Token): ReactNode {
  switch (token.type) {
    case "space":
    case "def":
      return null;
    case "math":
      return <Formula text={(token as MathToken).text} isBlock={(token as MathToken).isBlock} />;
    case "footnoteReference":
      return <FootnoteMark label={(token as FootnoteReference).label} raw={token.raw} />;
    case "footnote":
      return <FootnoteText label={(token as FootnoteDefinition).label}>{renderAll(token.tokens)}</FootnoteText>;
    case "details":
      return renderDetails(token as DetailsToken);
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
      return renderLinkToken(token as Tokens.Link);
    case "image":
      return <Picture href={(token as Tokens.Image).href} alt={(token as Tokens.Image).text} />;
    case "escape":
      return (token as Tokens.Escape).text;
    case "text":
      return token.tokens ? renderAll(token.tokens) : (token as Tokens.Text).text;
    default:
      return token.raw; // html among them: shown as text
  }
}

function renderDetails(token: DetailsToken): ReactNode {
  return (
    <details className={styles.details}>
      <summary dir="auto">{renderAll(token.summary)}</summary>
      {renderAll(token.tokens)}
    </details>
  );
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
      <table dir="auto">
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

/** An image with its button has no place in a link: it follows the link, which has its description. */
function renderLinkToken(token: Tokens.Link): ReactNode {
  const images = token.tokens.filter((one) => one.type === "image") as Tokens.Image[];
  const text = token.tokens.filter((one) => one.type !== "image");
  const label = text.length > 0 ? renderAll(text) : images.map((image) => image.text || "image").join(", ");
  return (
    <>
      {renderLink(token.href, label)}
      {images.map((image, index) => <Picture key={index} href={image.href} alt={image.text} />)}
    </>
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
