"""What a reader without a cloud knows of an expression, and what it says when it does not."""

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from netra_cloud.terraform.configuration import Configuration
from netra_cloud.terraform.expressions import Scope, evaluate
from netra_cloud.terraform.hcl_source import SyntaxProblem, parse_text
from netra_cloud.terraform.reader import load
from netra_cloud.terraform.values import Unknown, Value

HERE = Path(__file__)


def _value(expression: str, **variables: Value) -> Value:
    body = parse_text(f"x = {expression}\n", HERE)
    return evaluate(body.arguments["x"].expression, Scope(HERE.parent, variables))


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("1 + 2 * 3", 7),
        ("-3", -3),
        ("!true || 2 >= 2 && 1 != 2", True),
        ('"${var.seconds}s"', "3600s"),
        ('true ? "a" : "b"', "a"),
        ('[for k, v in { a = 1, b = 2 } : "${k}${v}" if v > 1]', ["b2"]),
        ("{ for item in [1, 2] : item => item + 1 }", {"1": 2, "2": 3}),
        ("[for k, v in { b = 2, a = 1 } : k]", ["a", "b"]),  # a map has the order of its keys
        ("merge([{ a = 1 }, { b = 2 }]...)", {"a": 1, "b": 2}),
        ('{ "x y" = 1, (upper("k")) = 2 }', {"x y": 1, "K": 2}),
        ('trimsuffix(lower("A.GSERVICEACCOUNT.com"), ".gserviceaccount.com")', "a"),
        ('"a$${b} \\"q\\" \\n"', 'a${b} "q" \n'),
        ("flatten([[1, [2]], [3]])[1]", 2),
        ("one([])", None),
        ("(\n  var.deep\n  .a\n  .b[0]\n)", 1),
        ('jsondecode("[1, {\\"a\\": null}]")[1].a', None),
        ("<<-EOT\n    a ${var.seconds}\n      b\n  EOT\n", "a 3600\n  b\n"),
    ],
)
def test_known_expressions(expression: str, expected: Value) -> None:
    assert _value(expression, seconds=3600, deep={"a": {"b": [1]}}) == expected


@pytest.mark.parametrize(
    ("expression", "references"),
    [
        ("google_x_y.a.id", {"google_x_y.a"}),
        ('google_x_y.a["k"].id', {'google_x_y.a["k"]'}),
        ('"p/${google_x_y.a.id}"', {"google_x_y.a"}),
        ("google_x_y.a[*].id", {"google_x_y.a"}),
        ("[for x in google_x_y.a.list : google_x_z.b.id]", {"google_x_y.a", "google_x_z.b"}),
        ("true == google_x_y.a.ok ? 1 : google_x_z.b.id", {"google_x_y.a", "google_x_z.b"}),
        ("join(google_x_y.a.id, [])", {"google_x_y.a"}),
        ("var.unset", set()),
        ('file("no such file")', set()),
        ("1 / 0", set()),
        ("lower(null)", set()),
        ("nofunction(1)", set()),
    ],
)
def test_unknown_expressions_keep_their_references(expression: str, references: set[str]) -> None:
    value = _value(expression)
    assert isinstance(value, Unknown)
    assert value.references == references


def test_a_list_keeps_its_known_members() -> None:
    value = _value('["a", google_x_y.a.id]')
    assert isinstance(value, list)
    assert value[0] == "a"
    assert isinstance(value[1], Unknown)


# Without braces: python-hcl2 reads the escape `%%{` only together with its closing brace.
SCALARS = st.none() | st.booleans() | st.integers(-1000, 1000) | st.text('abc $%\\"\n', max_size=6)
JSON_VALUES = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text("abc", min_size=1), inner, max_size=3)
    ),
    max_leaves=8,
)


@settings(deadline=None)  # the first text builds the parser
@given(JSON_VALUES)
def test_a_json_value_written_as_hcl_is_read_back(value: Value) -> None:
    assert _value(json.dumps(value)) == value  # JSON's string escapes are HCL's


def test_lines_stay_where_they_are_when_a_member_has_its_own_line() -> None:
    body = parse_text("a = [\n  var.x\n  .y\n  .z,\n]\nb = 1\n", HERE)
    assert {name: argument.line for name, argument in body.arguments.items()} == {"a": 1, "b": 6}


def test_syntax_problem_names_file_and_line() -> None:
    with pytest.raises(SyntaxProblem) as problem:
        parse_text("a {\n  b = = 1\n}\n", HERE)
    assert problem.value.line == 2


def _load(directory: Path, text: str, **variables: Value) -> Configuration:
    (directory / "main.tf").write_text(text)
    return load(directory, variables)


def test_for_each_gives_an_instance_per_key(tmp_path: Path) -> None:
    configuration = _load(
        tmp_path,
        'locals {\n  all = { a = "x", b = "y" }\n}\n'
        'resource "google_x_y" "r" {\n  for_each = local.all\n'
        '  name = "${each.key}-${each.value}"\n}\n',
    )
    assert [(r.address, r.body.get("name")) for r in configuration.resources] == [
        ('google_x_y.r["a"]', "a-x"),
        ('google_x_y.r["b"]', "b-y"),
    ]


def test_maps_are_walked_in_the_order_of_their_keys(tmp_path: Path) -> None:
    configuration = _load(
        tmp_path,
        'resource "google_x_y" "r" {\n  for_each = { b = 1, a = 2 }\n  name = each.key\n'
        '  dynamic "s" {\n    for_each = { d = 1, c = 2 }\n    content {\n      v = s.key\n    }\n'
        "  }\n}\n",
    )
    assert [resource.key for resource in configuration.resources] == ["a", "b"]
    assert [block.get("v") for block in configuration.resources[0].body.all("s")] == ["c", "d"]


def test_dynamic_blocks_are_written_out_and_an_unknown_one_occurs_once(tmp_path: Path) -> None:
    configuration = _load(
        tmp_path,
        'variable "n" {}\nresource "google_x_y" "r" {\n'
        '  dynamic "a" {\n    for_each = ["p", "q"]\n    content {\n      v = a.value\n    }\n  }\n'
        '  dynamic "b" {\n    for_each = var.n\n    content {\n      v = b.value\n    }\n  }\n}\n',
    )
    body = configuration.resources[0].body
    assert [block.get("v") for block in body.all("a")] == ["p", "q"]
    assert [str(block.get("v")) for block in body.all("b")] == ["b.value"]


def test_given_variables_win_over_defaults(tmp_path: Path) -> None:
    text = 'variable "n" {\n  default = 1\n}\nresource "google_x_y" "r" {\n  v = var.n\n}\n'
    assert _load(tmp_path, text).resources[0].body.get("v") == 1
    assert _load(tmp_path, text, n=2).resources[0].body.get("v") == 2


def test_locals_that_refer_to_each_other_in_a_circle_are_unknown(tmp_path: Path) -> None:
    text = (
        'locals {\n  a = local.b\n  b = local.a\n}\nresource "google_x_y" "r" {\n  v = local.a\n}\n'
    )
    assert isinstance(_load(tmp_path, text).resources[0].body.get("v"), Unknown)


def test_a_broken_file_is_a_problem_and_the_others_are_read(tmp_path: Path) -> None:
    (tmp_path / "broken.tf").write_text("resource {{\n")
    configuration = _load(tmp_path, 'resource "google_x_y" "r" {}\n')
    assert [problem.file.name for problem in configuration.problems] == ["broken.tf"]
    assert len(configuration.resources) == 1
