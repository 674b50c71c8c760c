"""HCL files as bodies of arguments and blocks, with the line of each."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import hcl2
from lark import Token, Tree
from lark.exceptions import UnexpectedInput

from netra_shared.errors import InvalidRequest

Node = Tree[Token] | Token

# Inside brackets Terraform lets a member stand on a line of its own; the parser does not.
_LEADING_DOTS = re.compile(r"((?:\n[ \t]*\.[A-Za-z_][\w-]*(?:\[[^\]\n]*\])?)+)([^\n]*)")


@dataclass(frozen=True)
class Argument:
    """One ``name = expression``."""

    expression: Node
    line: int


@dataclass
class Body:
    """The inside of a file or of a block."""

    arguments: dict[str, Argument] = field(default_factory=dict)
    blocks: list["SourceBlock"] = field(default_factory=list)


@dataclass(frozen=True)
class SourceBlock:
    """``type "label" … { body }``."""

    type: str
    labels: tuple[str, ...]
    body: Body
    line: int
    file: Path

    def nested(self, block_type: str) -> Iterator["SourceBlock"]:
        """Yield the blocks of that type directly inside."""
        return (block for block in self.body.blocks if block.type == block_type)


class SyntaxProblem(InvalidRequest):
    """A file that is no HCL, with file and line."""

    code = "terraform_syntax"
    title = "Not valid HCL"

    def __init__(self, file: Path, line: int, detail: str) -> None:
        super().__init__(f"{file}:{line}: {detail}")
        self.file = file
        self.line = line
        self.expected = detail


def line_of(node: Node) -> int:
    """Return the first line of ``node``, 0 for an empty one."""
    if isinstance(node, Token):
        return node.line or 0
    return 0 if node.meta.empty else node.meta.line


def parse_file(file: Path) -> Body:
    """Return the top-level body of ``file``.

    Raises:
        SyntaxProblem: the text is no HCL.
    """
    return parse_text(file.read_text(encoding="utf-8"), file)


def parse_text(text: str, file: Path) -> Body:
    """Return the top-level body of ``text``; ``file`` is what locations will say.

    Raises:
        SyntaxProblem: the text is no HCL.
    """
    whole = text if text.endswith("\n") else text + "\n"
    try:
        tree = hcl2.parses_to_tree(whole)
    except UnexpectedInput as error:
        joined = _LEADING_DOTS.sub(_join_lines, whole)
        if joined != whole:
            return parse_text(joined, file)
        expected = str(error).strip().splitlines()[0]
        raise SyntaxProblem(file, getattr(error, "line", 0), expected) from error
    return _body(tree.children[0], file)


def _join_lines(match: re.Match[str]) -> str:
    """Join ``a`` and ``.b`` on the next line, and keep the number of lines."""
    dotted, rest = match.group(1), match.group(2)
    return re.sub(r"\n[ \t]*", "", dotted) + rest + "\n" * dotted.count("\n")


def _body(tree: Node, file: Path) -> Body:
    body = Body()
    for child in tree.children if isinstance(tree, Tree) else []:
        if not isinstance(child, Tree):
            continue
        if child.data == "attribute":
            name = text_of(child.children[0])
            body.arguments[name] = Argument(child.children[-1], line_of(child))
        elif child.data == "block":
            words = [text_of(part) for part in child.children if _is_word(part)]
            inside = next(
                part for part in child.children if isinstance(part, Tree) and part.data == "body"
            )
            body.blocks.append(
                SourceBlock(words[0], tuple(words[1:]), _body(inside, file), line_of(child), file)
            )
    return body


def _is_word(node: Node) -> bool:
    return isinstance(node, Tree) and node.data in {
        "identifier",
        "keyword",
        "literal_value",
        "string",
    }


def tokens(node: Node) -> Iterator[Token]:
    """Yield the tokens of ``node`` in order."""
    if isinstance(node, Token):
        yield node
    else:
        for child in node.children:
            yield from tokens(child)


def text_of(node: Node) -> str:
    """Return the text of a label or name, without quotes."""
    return "".join(str(token) for token in tokens(node)).strip().strip('"')


def source_text(node: Node) -> str:
    """Return an expression roughly as written, on one line."""
    return " ".join("".join(str(token) for token in tokens(node)).split())
