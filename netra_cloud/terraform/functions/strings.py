"""Terraform's string functions.

Source: https://developer.hashicorp.com/terraform/language/functions (string functions).
"""

import re
from collections.abc import Callable
from typing import Any

from netra_cloud.terraform.conversion import Failed, characters, to_number, to_string
from netra_cloud.terraform.functions.formatting import formatted, formatted_list

_GROUP = re.compile(r"\$(?:\{(\w+)\}|(\w+)|(\$))")
_DELIMITED = 2  # a regular expression for `replace` is between two slashes


def _pattern(text: Any) -> re.Pattern[str]:
    try:
        return re.compile(to_string(text).replace(r"\z", r"\Z"))
    except re.error as error:
        raise Failed(f"{text!r} is no regular expression: {error}") from error


def _captured(match: re.Match[str]) -> Any:
    if match.re.groupindex:
        return match.groupdict()
    return list(match.groups()) if match.re.groups else match.group()


def _regex(pattern: Any, text: Any) -> Any:
    found = _pattern(pattern).search(to_string(text))
    if found is None:
        raise Failed("the pattern did not match")
    return _captured(found)


def _regexall(pattern: Any, text: Any) -> Any:
    return [_captured(match) for match in _pattern(pattern).finditer(to_string(text))]


def _replace(text: Any, old: Any, new: Any) -> str:
    subject, search, replacement = to_string(text), to_string(old), to_string(new)
    if len(search) >= _DELIMITED and search.startswith("/") and search.endswith("/"):
        return _pattern(search[1:-1]).sub(lambda match: _expand(match, replacement), subject)
    return subject.replace(search, replacement)


def _expand(match: re.Match[str], replacement: str) -> str:
    def group(reference: re.Match[str]) -> str:
        if reference.group(3):
            return "$"
        name = reference.group(1) or reference.group(2)
        try:
            return match.group(int(name) if name.isdecimal() else name) or ""
        except IndexError:
            return ""

    return _GROUP.sub(group, replacement)


def _substr(text: Any, offset: Any, length: Any) -> str:
    subject, start, count = (
        characters(to_string(text)),
        int(to_number(offset)),
        int(to_number(length)),
    )
    start = max(start + len(subject), 0) if start < 0 else start
    return subject[start:] if count < 0 else subject[start : start + count]


def _indent(spaces: Any, text: Any) -> str:
    return to_string(text).replace("\n", "\n" + " " * int(to_number(spaces)))


def _title(text: Any) -> str:
    return re.sub(r"(^|\W)(\w)", lambda m: m.group(1) + m.group(2).upper(), to_string(text))


def _upper(character: str) -> str:
    """Return the capital letter; one that would be two letters stays as it is."""
    upper = character.upper()
    return upper if len(upper) == 1 else character


def _split(separator: Any, text: Any) -> list[Any]:
    mark, subject = to_string(separator), to_string(text)
    return subject.split(mark) if mark else list(subject)


def _join(separator: Any, *lists: Any) -> str:
    return to_string(separator).join(to_string(item) for items in lists for item in items)


STRINGS: dict[str, Callable[..., Any]] = {
    "chomp": lambda text: to_string(text).rstrip("\r\n"),
    "endswith": lambda text, end: to_string(text).endswith(to_string(end)),
    "format": formatted,
    "formatlist": formatted_list,
    "indent": _indent,
    "join": _join,
    "lower": lambda text: "".join(c.lower()[0] for c in to_string(text)),
    "regex": _regex,
    "regexall": _regexall,
    "replace": _replace,
    "split": _split,
    "startswith": lambda text, start: to_string(text).startswith(to_string(start)),
    "strcontains": lambda text, part: to_string(part) in to_string(text),
    "strrev": lambda text: characters(to_string(text))[::-1],
    "substr": _substr,
    "title": _title,
    "tostring": lambda text: None if text is None else to_string(text),
    "trim": lambda text, characters: to_string(text).strip(to_string(characters) or None),
    "trimprefix": lambda text, prefix: to_string(text).removeprefix(to_string(prefix)),
    "trimspace": lambda text: to_string(text).strip(),
    "trimsuffix": lambda text, suffix: to_string(text).removesuffix(to_string(suffix)),
    "upper": lambda text: "".join(map(_upper, to_string(text))),
}
