"""Finds ``@require_docker_services()`` that someone commented out.

Works on tokens, so a string that contains the same characters is never touched; and asks what
follows, so prose that mentions the decorator is left alone too.
"""

import ast
import io
import re
import tokenize
from dataclasses import dataclass

NAME = "require_docker_services"

_START = re.compile(
    rf"^\#+[ \t]*@[ \t]*(?P<name>(?:[A-Za-z_]\w*\.)*{NAME})(?P<rest>.*)$", re.DOTALL
)
# What may follow the decorator on its line: another comment, a dash, or a word of postponement.
_REMARK = re.compile(
    r"^(?:\#|-|\u2013|\u2014|//|<|\(?(?:temp|temporar|disabled|todo|fixme|xxx|skip|off)\w*)",
    re.IGNORECASE,
)
_TOKENS_OF_NO_MATTER = {tokenize.NL, tokenize.COMMENT}


@dataclass(frozen=True)
class Disabled:
    """One commented-out decorator.

    Args:
        first_line: of the comment, 1-based.
        last_line: of the comment; differs when the arguments span lines.
        decorator: its code, from ``@`` to the closing parenthesis, without indentation.
        indent: the whitespace before the function or class that it belongs to.
        remark: what was behind it on its line; empty when nothing was.
    """

    first_line: int
    last_line: int
    decorator: str
    indent: str
    remark: str


def find_disabled(text: str) -> list[Disabled]:
    """Return the commented-out decorators in the Python source ``text``, in order.

    Only whole-line comments above a function, a class or another decorator count, and only where
    the same decorator is not present as code already.

    Raises:
        SyntaxError, tokenize.TokenError: ``text`` is no Python.
    """
    tokens = list(tokenize.generate_tokens(io.StringIO(text).readline))
    comments = {
        token.start[0]: token.string
        for token in tokens
        if token.type == tokenize.COMMENT and not token.line[: token.start[1]].strip()
    }
    found = []
    past = 0
    for line, comment in comments.items():
        if line <= past or not (match := _START.match(comment)):
            continue
        parsed = _parse(line, match, comments)
        if parsed is None:
            continue
        decorator, remark, last_line = parsed
        indent = _indent_of_decorated(tokens, last_line)
        if indent is None or _is_present(text, decorator, last_line):
            continue
        past = last_line
        found.append(Disabled(line, last_line, decorator, indent, remark))
    return found


def _parse(
    line: int, match: re.Match[str], comments: dict[int, str]
) -> tuple[str, str, int] | None:
    """Return decorator, remark and last line; None when the comment is prose."""
    name, rest = match["name"], match["rest"]
    if not rest.lstrip().startswith("("):
        remark = rest.strip()
        if remark and (rest[0] not in " \t" or not _REMARK.match(remark)):
            return None
        return f"@{name}()", remark, line
    code = rest.lstrip()
    last = line
    while (end := _closing(code)) is None:
        last += 1
        if last not in comments:
            return None
        code += "\n" + re.sub(r"^#+ ?", "", comments[last])
    arguments, remark = code[:end], code[end:].strip()
    if remark and not _REMARK.match(remark):
        return None
    try:
        ast.parse(f"{name}{arguments}", mode="eval")
    except SyntaxError:
        return None
    return f"@{name}{arguments}", remark, last


def _closing(code: str) -> int | None:
    """Return the position after the parenthesis that closes the first; None without one."""
    depth = 0
    quote = ""
    for position, character in enumerate(code):
        if quote:
            quote = "" if character == quote else quote
        elif character in "\"'":
            quote = character
        elif character == "(":
            depth += 1
        elif character == ")":
            depth -= 1
            if depth == 0:
                return position + 1
    return None


def _indent_of_decorated(tokens: list[tokenize.TokenInfo], line: int) -> str | None:
    """Return the indentation of what follows ``line`` if it is decorable; else None."""
    after = (
        token
        for token in tokens
        if token.start[0] > line
        and token.type not in _TOKENS_OF_NO_MATTER
        and token.type not in {tokenize.INDENT, tokenize.DEDENT}
    )
    first = next(after, None)
    if first is None:
        return None
    second = next(after, None)
    is_function = first.string in {"def", "class"} or (
        first.string == "async" and second is not None and second.string == "def"
    )
    if first.string != "@" and not is_function:
        return None
    return first.line[: first.start[1]]


def _is_present(text: str, decorator: str, line: int) -> bool:
    """Return whether the function or class below ``line`` already carries the decorator."""
    wanted = ast.parse(f"{decorator}\ndef f(): ...").body[0]
    assert isinstance(wanted, ast.FunctionDef)
    name = ast.unparse(wanted.decorator_list[0]).partition("(")[0]
    candidates = [
        node
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
        and node.lineno > line
    ]
    if not candidates:
        return False
    nearest = min(candidates, key=lambda node: node.lineno)
    return any(
        ast.unparse(present).partition("(")[0].rpartition(".")[2] == name.rpartition(".")[2]
        for present in nearest.decorator_list
    )
