"""What is accepted as HCL, what is refused, and in which words."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from netra_cloud.terraform.expressions import Scope, evaluate
from netra_cloud.terraform.hcl_source import Body, SyntaxProblem, parse_file, parse_text
from netra_cloud.terraform.values import Value

HERE = Path(__file__)


def _parsed(text: str) -> Body:
    return parse_text(text, HERE)


def _value(expression: str) -> Value:
    return evaluate(_parsed(f"x = {expression}\n").arguments["x"].expression, Scope(HERE.parent))


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ('<<EOT\n{ "a": { "b": ${jsonencode({ c = { d = 1 } })} } }\nEOT\n',
         '{ "a": { "b": {"c":{"d":1}} } }\n'),
        ('"%{ if true ~}\n yes %{ else }no%{ endif }"'.replace("\n", " "), "yes "),
        ('"%{ for k in ["a", "b"] }${k},%{ endfor }"', "a,b,"),
        ('"${~ "x" ~} y"', "xy"),
        ('"\\u00e9\\U0001F600"', "é😀"),
        ("[1, 2,\n 3,\n]", [1, 2, 3]),
        ("{ a = 1\n b = 2, c : 3 }", {"a": 1, "b": 2, "c": 3}),
        ("[for x in [1] :\n x\n if true]", [1]),
        ("{ for = 1 }", {"for": 1}),
        ("[{ a = [1, 2] }].0.a.1", 2),
        ("[{ a = 1 }, { a = 2 }].*.a", [1, 2]),
        ("[{ a = [1] }, { a = [2] }][*].a[0]", [1, 2]),
        ("- - 3", 3),
        ("1 - -1", 2),
        ("true ? false ? 1 : 2 : 3", 2),
        ("/* one */ 1 # two", 1),
        ("1 // two", 1),
        ("[<<A\na\nA\n, <<-B\n  b\n   c\n  B\n]", ["a\n", "b\n c\n"]),
        ('core::upper("a")', "A"),
    ],
)  # fmt: skip
def test_values_of_the_whole_grammar(expression: str, expected: Value) -> None:
    assert _value(expression) == expected


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("a = 1\nb = = 2\n", 2, 'expected a value, found "="'),
        ("a = 1\na = 2\n", 2, '"a" is set twice'),
        ('a = "x\n', 1, "a string ends at the end of its line"),
        ("a = 'x'\n", 1, "double quotes"),
        ("a {\n", 2, "found the end of the text"),
        ("a b\n", 1, 'expected "=" for an argument or "{" for a block'),
        ("a = <<E\nx\n", 1, "the heredoc E is not closed"),
        ('a = "\\x"\n', 1, "no escape"),
        ('a = "${1"\n', 1, "an interpolation is not closed"),
        ("a = 1 b = 2\n", 1, "expected a new line after an argument"),
        ('a = "%{ if true }x"\n', 1, "has no end"),
        ("/* a\n", 1, "not closed"),
        ("a = " + "[" * 200 + "\n", 1, "nested more than"),
        ('x "${y}" {}\n', 1, "no interpolation"),
    ],
)
def test_a_problem_names_its_line_and_what_was_expected(text: str, line: int, words: str) -> None:
    with pytest.raises(SyntaxProblem) as raised:
        _parsed(text)
    assert raised.value.line == line
    assert words in raised.value.expected


def test_a_byte_order_mark_is_no_text_and_latin_1_is_refused_by_line(tmp_path: Path) -> None:
    file = tmp_path / "a.tf"
    file.write_bytes(b"\xef\xbb\xbfa = 1\r\nb = 2\r\n")
    assert {name: a.line for name, a in parse_file(file).arguments.items()} == {"a": 1, "b": 2}
    file.write_bytes(b'a = 1\nb = "caf\xe9"\n')
    with pytest.raises(SyntaxProblem, match="0xe9 is not UTF-8") as raised:
        parse_file(file)
    assert raised.value.line == 2


@settings(deadline=None, max_examples=300)
@given(st.text(alphabet='ab01 ="{}[]()${}%~.,:?<>\n\\*/#-_EOT', max_size=40))
def test_any_text_is_a_body_or_a_problem(text: str) -> None:
    problem: SyntaxProblem | None = None
    body = Body()
    try:
        body = _parsed(text)
    except SyntaxProblem as error:
        problem = error
    for argument in body.arguments.values():
        evaluate(argument.expression, Scope(HERE.parent))
    assert problem is None or problem.line >= 1
