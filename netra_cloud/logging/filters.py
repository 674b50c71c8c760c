"""The Logging query language: the part that queries of Cloud Run logs use.

Source: docs.cloud.google.com/logging/docs/view/logging-query-language. Comparisons with
``= != : =~ !~ > >= < <=``, AND, OR, NOT, ``-``, parentheses, lists in a comparison, bare words.
"""

import operator
import re
from collections.abc import Callable
from typing import Any

from netra_cloud.logging.entries import SEVERITIES, severity_rank

Json = dict[str, Any]
Match = Callable[[Json], bool]

_TOKEN = re.compile(
    r"""\s*(?:(?P<text>"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')"""
    r"""|(?P<sign>>=|<=|!=|=~|!~|[=:<>()]|-(?=[\w("']))|(?P<word>[^\s()=:<>!"']+))"""
)


class FilterProblem(Exception):
    """The text is no query."""


def matcher(text: str) -> Match:
    """Return a function that decides whether an entry matches a query.

    Raises:
        FilterProblem: the text is no query.
    """
    tokens = _tokens(text)
    if not tokens:
        return lambda _entry: True
    parser = _Parser(tokens)
    match = parser.alternatives()
    if parser.rest():
        raise FilterProblem(f"unexpected {parser.rest()[0][1]!r}")
    return match


def _tokens(text: str) -> list[tuple[str, str]]:
    tokens, position = [], 0
    text = "\n".join(line.partition("--")[0] for line in text.splitlines()).strip()
    while position < len(text):
        found = _TOKEN.match(text, position)
        if found is None:
            raise FilterProblem(f"unexpected {text[position:][:20]!r}")
        position = found.end()
        if found["text"] is not None:
            tokens.append(("text", re.sub(r"\\(.)", r"\1", found["text"][1:-1])))
        else:
            tokens.append(("sign", found["sign"]) if found["sign"] else ("word", found["word"]))
    return tokens


class _Parser:
    """Recursive descent; NOT binds closer than OR, OR closer than AND, as in the language."""

    def __init__(self, tokens: list[tuple[str, str]]) -> None:
        self._tokens = tokens
        self._at = 0

    def rest(self) -> list[tuple[str, str]]:
        return self._tokens[self._at :]

    def _next(self) -> tuple[str, str]:
        if self._at >= len(self._tokens):
            raise FilterProblem("it ends too early")
        self._at += 1
        return self._tokens[self._at - 1]

    def _take(self, *wanted: tuple[str, str]) -> bool:
        if self.rest() and self.rest()[0] in wanted:
            self._at += 1
            return True
        return False

    def alternatives(self) -> Match:
        """AND, written or implied, of ORs."""
        parts = [self._either()]
        while self.rest() and self.rest()[0] != ("sign", ")"):
            self._take(("word", "AND"))
            parts.append(self._either())
        return lambda entry: all(part(entry) for part in parts)

    def _either(self) -> Match:
        parts = [self._one()]
        while self._take(("word", "OR")):
            parts.append(self._one())
        return lambda entry: any(part(entry) for part in parts)

    def _one(self) -> Match:
        if self._take(("word", "NOT"), ("sign", "-")):
            inner = self._one()
            return lambda entry: not inner(entry)
        if self._take(("sign", "(")):
            inner = self.alternatives()
            if not self._take(("sign", ")")):
                raise FilterProblem("a parenthesis is not closed")
            return inner
        kind, name = self._next()
        if self.rest() and self.rest()[0][0] == "sign" and self.rest()[0][1] not in "()-":
            return self._comparison(name, self._next()[1])
        if kind == "sign":
            raise FilterProblem(f"unexpected {name!r}")
        return lambda entry: _holds_text(entry, name.lower())

    def _comparison(self, field: str, sign: str) -> Match:
        if self._take(("sign", "(")):
            options = []
            while not self._take(("sign", ")")):
                if not self._take(("word", "OR"), ("word", "AND")):
                    options.append(_compare(field, sign, self._next()[1]))
            return lambda entry: any(option(entry) for option in options)
        return _compare(field, sign, self._next()[1])


def _compare(field: str, sign: str, wanted: str) -> Match:
    if field == "severity":
        if wanted.upper() not in SEVERITIES:
            raise FilterProblem(f"severity {wanted!r} is not known")
        return lambda entry: _ordered(
            severity_rank(str(entry.get("severity"))), sign, severity_rank(wanted.upper())
        )
    path = field.split(".")

    def match(entry: Json) -> bool:
        found = _at(entry, path)
        if found is None:
            return sign in {"!=", "!~"}
        if isinstance(found, bool):
            found = str(found).lower()
        if sign in {"=~", "!~"}:
            return bool(re.search(wanted, str(found))) == (sign == "=~")
        if sign == ":":
            return wanted == "*" or wanted.lower() in str(found).lower()
        if isinstance(found, int | float):
            try:
                return _ordered(found, sign, float(wanted))
            except ValueError:
                return False
        return _ordered(str(found), sign, wanted)

    return match


_ORDER: dict[str, Callable[[Any, Any], bool]] = {
    "=": operator.eq,
    "!=": operator.ne,
    ">": operator.gt,
    ">=": operator.ge,
    "<": operator.lt,
    "<=": operator.le,
    ":": lambda found, wanted: str(wanted) in str(found),
}


def _ordered(found: Any, sign: str, wanted: Any) -> bool:
    return _ORDER[sign](found, wanted)


def _at(value: Any, path: list[str]) -> Any:
    """Follow a path; a key may itself contain dots when it is a label."""
    if not path:
        return value
    if isinstance(value, dict):
        for length in range(len(path), 0, -1):
            key = ".".join(path[:length])
            if key in value:
                return _at(value[key], path[length:])
    return None


def _holds_text(value: Any, wanted: str) -> bool:
    if isinstance(value, dict):
        return any(_holds_text(item, wanted) for item in value.values())
    if isinstance(value, list):
        return any(_holds_text(item, wanted) for item in value)
    return wanted in str(value).lower()
