"""HCL files as bodies of arguments and blocks, with the line of each."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from netra_cloud.errors import InvalidObject
from netra_cloud.terraform.syntax.expressions import parse_expression, read_string
from netra_cloud.terraform.syntax.nodes import Literal, Node, Source, source_text
from netra_cloud.terraform.syntax.scanner import MAX_NESTING, HclError, Scanner, described

__all__ = [
    "Argument",
    "Body",
    "Node",
    "SourceBlock",
    "SyntaxProblem",
    "parse_file",
    "parse_text",
    "read_source",
    "source_text",
]


@dataclass(frozen=True)
class Argument:
    """One ``name = expression``.

    Attributes:
        line: in its file.
        file: the override file that it comes from; None when it is the block's own.
    """

    expression: Node
    line: int
    file: Path | None = None


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


class SyntaxProblem(InvalidObject):
    """A file that is no HCL, with file and line."""

    code = "terraform_syntax"
    title = "Not valid HCL"

    def __init__(self, file: Path, line: int, detail: str) -> None:
        super().__init__(f"{file}:{line}: {detail}")
        self.file = file
        self.line = line
        self.expected = detail


def read_source(file: Path) -> str:
    """Return the text of a file, without a byte order mark.

    Raises:
        SyntaxProblem: the file is not UTF-8, which Terraform refuses too, or is unreadable.
    """
    try:
        content = file.read_bytes()
    except OSError as error:
        raise SyntaxProblem(file, 0, f"cannot be read: {error.strerror}") from error
    try:
        return content.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        detail = f"the byte 0x{content[error.start]:02x} is not UTF-8; save the file as UTF-8"
        raise SyntaxProblem(file, line, detail) from error


def parse_file(file: Path) -> Body:
    """Return the top-level body of ``file``.

    Raises:
        SyntaxProblem: the text is no HCL.
    """
    return parse_text(read_source(file), file)


def parse_text(text: str, file: Path) -> Body:
    """Return the top-level body of ``text``; ``file`` is the name that locations have.

    Raises:
        SyntaxProblem: the text is no HCL.
    """
    reader = _BodyReader(Source(text, file))
    try:
        return reader.body("end", 0)
    except HclError as error:
        raise SyntaxProblem(file, error.line, error.detail) from error
    except RecursionError as error:
        raise SyntaxProblem(file, 0, "an expression is nested too deeply") from error


class _BodyReader:
    """Reads bodies; counts lines forward, so that a file is counted once."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._scanner = Scanner(source)
        self._counted, self._line = 0, 1

    def body(self, closing: str, depth: int) -> Body:
        """Return the arguments and blocks up to ``closing``: ``end`` or ``}``."""
        scanner, body = self._scanner, Body()
        if depth > MAX_NESTING:
            scanner.fail(f"blocks are nested more than {MAX_NESTING} levels")
        while True:
            token = scanner.peek()
            kind, text, start, _ = token
            if kind == "newline":
                scanner.take()
            elif kind == closing or (kind == "op" and text == closing):
                scanner.take()
                return body
            elif kind == "name" or (kind == "quote" and closing != "end"):
                self._item(body, depth)
            else:
                scanner.fail(f"expected an argument or a block, found {described(token)}", start)

    def _item(self, body: Body, depth: int) -> None:
        scanner = self._scanner
        kind, name, start, _ = scanner.peek()
        if kind == "quote":
            scanner.fail("the name of an argument has no quotes", start)
        scanner.take()
        line = self._line_at(start)
        if scanner.accept("="):
            if name in body.arguments:
                scanner.fail(f'the argument "{name}" is set twice; remove one', start)
            body.arguments[name] = Argument(parse_expression(scanner), line)
            self._end_of_line("an argument")
            return
        labels: list[str] = []
        while True:
            token = scanner.peek()
            if token[0] == "name":
                labels.append(scanner.take()[1])
            elif token[0] == "quote":
                label = read_string(scanner)
                if not isinstance(label, Literal):
                    scanner.fail("the label of a block has no interpolation", token[2])
                labels.append(str(label.value))
            else:
                break
        token = scanner.peek()
        if token[:2] != ("op", "{"):
            scanner.fail(
                f'expected "=" for an argument or "{{" for a block after "{name}", '
                f"found {described(token)}",
                token[2],
            )
        scanner.take()
        inside = self.body("}", depth + 1)
        body.blocks.append(SourceBlock(name, tuple(labels), inside, line, self._source.file))
        self._end_of_line("a block")

    def _end_of_line(self, what: str) -> None:
        token = self._scanner.peek()
        if token[0] not in {"newline", "end"} and token[:2] != ("op", "}"):
            self._scanner.fail(
                f"expected a new line after {what}, found {described(token)}", token[2]
            )

    def _line_at(self, offset: int) -> int:
        self._line += self._source.text.count("\n", self._counted, offset)
        self._counted = offset
        return self._line
