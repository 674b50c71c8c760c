import pytest

from netra_ops.check.prose.script_prose import script_passages


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("// a comment\nrun();\n", [" a comment"]),
        ("/* one\n * two */", [" one\n two "]),
        ("fail('no such file');", ["no such file"]),
        ('fail("it\'s not here");', ["it's not here"]),
        ("fail(`no file ${name} here`);", ["no file _ here"]),
        ("const url = 'https://example.org/x';", []),
        ("const code = 'agents_unavailable';", []),
        ("const text = `https://a b`;", ["https://a b"]),
    ],
)
def test_prose_is_found(source: str, expected: list[str]) -> None:
    assert [passage.text for passage in script_passages(source)] == expected


def test_text_between_tags_is_prose_in_tsx_only() -> None:
    source = "<p>Don't wait here</p>\n<b>{count}</b>"
    assert [passage.text for passage in script_passages(source, tags=True)] == ["Don't wait here"]
    assert list(script_passages(source)) == []


def test_a_passage_has_its_line() -> None:
    passages = list(script_passages("\n\n// one\nx('two words')\n<p>\nthree words</p>", tags=True))
    assert [passage.line for passage in passages] == [3, 4, 5]
