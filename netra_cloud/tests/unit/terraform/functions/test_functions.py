"""Terraform's functions; the values are those of ``terraform console`` 1.11."""

from pathlib import Path

import pytest

from netra_cloud.terraform.expressions import Scope, evaluate
from netra_cloud.terraform.hcl_source import parse_text
from netra_cloud.terraform.values import SetValue, Unknown, Value

HERE = Path(__file__)


def _value(expression: str) -> Value:
    body = parse_text(f"x = {expression}\n", HERE)
    return evaluate(body.arguments["x"].expression, Scope(HERE.parent))


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ('coalesce(null, "", { a = 1 })', {"a": 1}),
        ('replace("a-b_c", "/[-_](.)/", "+$1")', "a+b+c"),
        ('replace("1.2", ".", ",")', "1,2"),
        ('regex("(?P<x>[a-z]+)-(?P<y>[0-9]+)", "ab-12")', {"x": "ab", "y": "12"}),
        ('regexall("[0-9]", "a1b2")', ["1", "2"]),
        ('format("%s-%03d-%q-%v", "a", 7, "b", true)', 'a-007-"b"-true'),
        ('formatlist("%s.%s", ["a", "b"], "c")', ["a.c", "b.c"]),
        ('cidrsubnet("10.0.0.0/16", 8, 2)', "10.0.2.0/24"),
        ('cidrhost("10.0.0.0/24", -1)', "10.0.0.255"),
        ('jsonencode({ b = "<", a = [1, null] })', '{"a":[1,null],"b":"\\u003c"}'),
        ('setproduct([1, 2], ["a"])', [[1, "a"], [2, "a"]]),
        ('setsubtract(["a", "b"], ["a"])', SetValue(["b"])),
        ('transpose({ a = ["x"], b = ["x"] })', {"x": ["a", "b"]}),
        ("chunklist([1, 2, 3], 2)", [[1, 2], [3]]),
        ("element([1, 2, 3], 4)", 2),
        ("slice([1, 2, 3], 1, 2)", [2]),
        ("sum([0.1, 0.2])", 0.3),
        ("range(3, 0)", [3, 2, 1]),
        ("alltrue([])", True),
        ('substr("hello", -2, -1)', "lo"),
        ('title("hello world")', "Hello World"),
        ('indent(2, "a\\nb")', "a\n  b"),
        ('lookup({ a = 1 }, "b", 2)', 2),
        ('distinct([1, "1", 1])', ["1"]),
        ('toset(["b", "a", "b"])', SetValue(["a", "b"])),
        ('tolist([1, "a"])', ["1", "a"]),
        ('true ? 1 : "a"', "1"),
        ('"5" + 1', 6),
        ("5 % 3", 2),
        ("10 / 4", 2.5),
        ('1 == "1"', False),
        ('can(regex("x", "y"))', False),
        ('try({}.a, [][0], "last")', "last"),
        ('{ for x in ["a", "b", "a"] : x => x... }', {"a": ["a", "a"], "b": ["b"]}),
        ('[for k, v in toset(["b"]) : "${k}${v}"]', ["bb"]),
    ],
)  # fmt: skip
def test_results_are_those_of_terraform(expression: str, expected: Value) -> None:
    found = _value(expression)
    assert found == expected
    assert type(found) is type(expected)


@pytest.mark.parametrize(
    "expression",
    [
        'toset([google_x_y.a.id, "b"])',
        "try(google_x_y.a.id, null)",
        "coalesce(null, google_x_y.a.id)",
        'concat(["a"], [google_x_y.a.id])',
        'join(",", ["a", google_x_y.a.id])',
        "{ for k in [google_x_y.a.id] : k => 1 }",
        'merge({ a = google_x_y.a.id }, { b = "x" })["a"]',
        'lookup({ a = google_x_y.a.id }, "a", null)',
        'replace(google_x_y.a.id, "a", "b")',
        "compact([google_x_y.a.id, null])",
        "one([google_x_y.a.id])",
        'contains(["a"], google_x_y.a.id)',
        "flatten([[google_x_y.a.id]])[0]",
        'zipmap(["k"], [google_x_y.a.id])["k"]',
        'format("%s/x", google_x_y.a.id)',
    ],
)
def test_a_reference_survives(expression: str) -> None:
    def references(value: Value) -> set[str]:
        if isinstance(value, list):
            return set[str]().union(*(references(item) for item in value))
        return set(value.references) if isinstance(value, Unknown) else set()

    assert references(_value(expression)) == {"google_x_y.a"}


@pytest.mark.parametrize("expression", ["timestamp()", "uuid()", "nofunction(1)", 'bcrypt("x")'])
def test_what_only_an_apply_knows_is_unknown(expression: str) -> None:
    assert isinstance(_value(expression), Unknown)
