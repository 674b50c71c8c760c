"""Random Terraform expressions of a wanted type."""

import json
import random
from collections.abc import Callable

LOCALS = """
locals {
  text   = "front-end"
  number = 3
  nothing = null
  yes    = true
  set    = toset(["q", "p"])
  numbers = [3, 1, 2]
  map    = { k = { list = ["a", "b"] }, z = { list = [] } }
  objects = [{ name = "n1", tags = ["t1", "t2"] }, { name = "n2", tags = [] }]
}
"""
_MAX_DEPTH = 3
_WORDS = ("a", "b", "api", "front-end", "", "x/y", "10", "true", "A b")


class Generator:
    """Makes expressions that terraform accepts, most of the time.

    Args:
        seed: makes a run repeatable.
    """

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)  # noqa: S311 -- examples, no secrets

    def expression(self) -> str:
        """Return one expression."""
        kinds: list[Callable[[int], str]] = [
            self.text,
            self.number,
            self.truth,
            self.texts,
            self.mapping,
        ]
        return self._random.choice(kinds)(0)

    def _pick(self, depth: int, leaves: list[str], forms: list[Callable[[int], str]]) -> str:
        if depth >= _MAX_DEPTH or self._random.random() < 0.2:
            return self._random.choice(leaves)
        return self._random.choice(forms)(depth + 1)

    def text(self, depth: int) -> str:
        """Return an expression whose value is a string."""
        word = json.dumps(self._random.choice(_WORDS))
        leaves = [word, "local.text", "local.objects[0].name", 'local.map["k"].list[1]']
        return self._pick(
            depth,
            leaves,
            [
                lambda d: f"upper({self.text(d)})",
                lambda d: f"trimspace({self.text(d)})",
                lambda d: f'replace({self.text(d)}, "/[aeiou]/", "_")',
                lambda d: f'replace({self.text(d)}, {self.text(d)}, "-")',
                lambda d: f"join({self.text(d)}, {self.texts(d)})",
                lambda d: f'format("%s-%03d", {self.text(d)}, {self.number(d)})',
                lambda d: f'"${{{self.text(d)}}}/${{{self.number(d)}}}"',
                lambda d: f"{self.truth(d)} ? {self.text(d)} : {self.text(d)}",
                lambda d: f"coalesce({self.text(d)}, local.nothing, {self.text(d)})",
                lambda d: f"try({self.texts(d)}[{self.number(d)}], {self.text(d)})",
                lambda d: f"element({self.texts(d)}, {self.number(d)})",
                lambda d: f'lookup({self.mapping(d)}, {self.text(d)}, "none")',
                lambda d: f'"%{{ if {self.truth(d)} }}y%{{ else }}${{{self.text(d)}}}%{{ endif }}"',
                lambda d: f"substr({self.text(d)}, 0, 2)",
                lambda d: f"jsonencode({self.mapping(d)})",
                lambda d: f"tostring({self.number(d)})",
            ],
        )

    def number(self, depth: int) -> str:
        """Return an expression whose value is a number."""
        leaves = [str(self._random.randint(0, 12)), "local.number", "local.numbers[1]", '"7"']
        return self._pick(
            depth,
            leaves,
            [
                lambda d: f"({self.number(d)} + {self.number(d)})",
                lambda d: f"({self.number(d)} - {self.number(d)})",
                lambda d: f"({self.number(d)} * {self.number(d)})",
                lambda d: f"({self.number(d)} % 5)",
                lambda d: f"length({self.texts(d)})",
                lambda d: f"max({self.number(d)}, {self.number(d)})",
                lambda d: f"floor({self.number(d)} / 4)",
                lambda d: f"{self.truth(d)} ? {self.number(d)} : {self.number(d)}",
                lambda d: f"tonumber({self.number(d)})",
                lambda d: f"sum([{self.number(d)}, {self.number(d)}])",
            ],
        )

    def truth(self, depth: int) -> str:
        """Return an expression whose value is a boolean."""
        leaves = ["true", "false", "local.yes", "local.nothing == null"]
        return self._pick(
            depth,
            leaves,
            [
                lambda d: f"!({self.truth(d)})",
                lambda d: f"({self.truth(d)} && {self.truth(d)})",
                lambda d: f"({self.number(d)} > {self.number(d)})",
                lambda d: f"({self.text(d)} == {self.text(d)})",
                lambda d: f"contains({self.texts(d)}, {self.text(d)})",
                lambda d: f"can({self.texts(d)}[{self.number(d)}])",
                lambda d: f'startswith({self.text(d)}, "a")',
                lambda d: f"alltrue([{self.truth(d)}, {self.truth(d)}])",
            ],
        )

    def texts(self, depth: int) -> str:
        """Return an expression whose value is a list or set of strings."""
        leaves = ['["a", "b"]', "[]", "tolist(local.set)", 'local.map["k"].list']
        return self._pick(
            depth,
            leaves,
            [
                lambda d: f"[{self.text(d)}, {self.text(d)}]",
                lambda d: f"concat({self.texts(d)}, {self.texts(d)})",
                lambda d: f'[for i, v in {self.texts(d)} : "${{i}}${{v}}" if v != {self.text(d)}]',
                lambda d: f"flatten([{self.texts(d)}, [{self.texts(d)}]])",
                lambda d: f"distinct({self.texts(d)})",
                lambda d: f"compact({self.texts(d)})",
                lambda d: f"sort({self.texts(d)})",
                lambda d: f"tolist(toset({self.texts(d)}))",
                lambda d: f"keys({self.mapping(d)})",
                lambda d: f'split("-", {self.text(d)})',
                lambda d: f"slice({self.texts(d)}, 0, 1)",
                lambda _: "local.objects[*].name",
                lambda d: f"reverse({self.texts(d)})",
                lambda d: f"setunion({self.texts(d)}, {self.texts(d)})",
            ],
        )

    def mapping(self, depth: int) -> str:
        """Return an expression whose value is a map or object."""
        leaves = ['{ a = "x" }', "{}", "local.map", '{ "b c" = 1, d = true }']
        return self._pick(
            depth,
            leaves,
            [
                lambda d: f"merge({self.mapping(d)}, {self.mapping(d)})",
                lambda d: f"{{ for v in {self.texts(d)} : v => upper(v)... }}",
                lambda d: f"{{ for k, v in {self.mapping(d)} : k => v if k != {self.text(d)} }}",
                lambda d: f'{{ ({self.text(d)}) = {self.number(d)}, "k" = {self.text(d)} }}',
                lambda d: f"zipmap({self.texts(d)}, {self.texts(d)})",
                lambda d: f"try({self.mapping(d)}, {{}})",
                lambda _: "{ for o in local.objects : o.name => o.tags }",
            ],
        )
