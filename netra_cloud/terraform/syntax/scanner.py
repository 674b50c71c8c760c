"""Splits HCL into tokens, one at a time and on request of the parser.

A token is ``(kind, text, start, end)``. The kinds are ``name``, ``number``, ``quote``, ``heredoc``,
``newline``, ``op`` and ``end``. Strings are no tokens: the parser reads their parts itself.
"""

import re
from typing import NoReturn

from netra_cloud.errors import CloudError
from netra_cloud.terraform.syntax.nodes import Source

MAX_NESTING = 100  # levels of brackets and templates; deeper input is refused, not a RecursionError

TokenTuple = tuple[str, str, int, int]
_SPACE = re.compile(r"(?:[ \t\r\f\v]+|/\*.*?\*/)*", re.DOTALL)
_TOKEN = re.compile(
    r"(?P<name>[^\W\d][\w-]*)"
    r"|(?P<newline>\n|(?:\#|//)[^\n]*(?:\n|\Z))"
    r'|(?P<quote>")'
    r"|(?P<heredoc><<-?[^\W\d][\w-]*[ \t]*\r?\n)"
    r"|(?P<number>\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)"
    r"|(?P<op>\.\.\.|=>|==|!=|<=|>=|&&|\|\||/(?!\*)|[{}\[\]=.,():?*%<>!+~-])",
)


class HclError(CloudError):
    """A text that is no HCL, with the line of the first problem."""

    code = "hcl_syntax"
    title = "Not valid HCL"

    def __init__(self, line: int, detail: str) -> None:
        super().__init__(detail)
        self.line = line


class Scanner:
    """A position in a text.

    Attributes:
        brackets: open ``(``, ``[`` and object braces; newlines count only when there are none.
    """

    def __init__(self, source: Source, start: int = 0, end: int | None = None) -> None:
        self.source = source
        self.text = source.text
        self.position = start
        self.limit = len(source.text) if end is None else end
        self.brackets = 0
        self.nesting = 0
        self._peeked: TokenTuple | None = None

    def peek(self) -> TokenTuple:
        """Return the next token without consuming it."""
        if self._peeked is None:
            self._peeked = self._scan()
        return self._peeked

    def take(self) -> TokenTuple:
        """Consume and return the next token."""
        token = self._peeked or self._scan()
        self._peeked = None
        self.position = token[3]
        return token

    def accept(self, operator: str) -> bool:
        """Consume the operator if it is next."""
        token = self.peek()
        if token[0] == "op" and token[1] == operator:
            self.take()
            return True
        return False

    def expect(self, operator: str) -> TokenTuple:
        """Consume the operator.

        Raises:
            HclError: something else is next.
        """
        token = self.peek()
        if token[0] != "op" or token[1] != operator:
            self.fail(f'expected "{operator}", found {described(token)}', token[2])
        return self.take()

    def enter(self) -> None:
        """Open a bracket: newlines are spaces until ``leave``."""
        self.brackets += 1
        self._peeked = None

    def leave(self) -> None:
        """Close a bracket; the token after it is read again."""
        self.brackets -= 1
        self._peeked = None

    def move(self, position: int) -> None:
        """Continue at ``position``."""
        self.position = position
        self._peeked = None

    def fail(self, detail: str, offset: int | None = None) -> NoReturn:
        """Raise ``HclError`` at ``offset`` or at the current position."""
        place = self.position if offset is None else offset
        raise HclError(self.source.line(min(place, len(self.text))), detail)

    def _scan(self) -> TokenTuple:
        position = self.position
        while True:
            space = _SPACE.match(self.text, position, self.limit)
            position = space.end() if space else position
            if position >= self.limit:
                return ("end", "", self.limit, self.limit)
            found = _TOKEN.match(self.text, position, self.limit)
            if found is None:
                self._refuse(position)
            kind = str(found.lastgroup)
            if kind != "newline" or not self.brackets:
                return (kind, found.group(), position, found.end())
            position = found.end()

    def _refuse(self, position: int) -> NoReturn:
        character = self.text[position]
        if self.text.startswith("/*", position):
            self.fail("a comment /* … */ is not closed", position)
        if character == "'":
            self.fail('strings have double quotes ("), not single quotes', position)
        self.fail(f"the character {character!r} is not expected here", position)


def described(token: TokenTuple) -> str:
    """Return a token for an error message."""
    kind, text = token[0], token[1]
    if kind == "end":
        return "the end of the text"
    if kind == "newline":
        return "the end of the line"
    return f'"{text.strip()}"' if kind != "quote" else "a string"
