import pytest

from netra_ops.check.prose.passage import Passage
from netra_ops.check.prose.python_prose import python_names, python_passages


def texts(source: str) -> list[str]:
    return [passage.text for passage in python_passages(source)]


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ('"""A docstring."""\n', ["A docstring."]),
        ("x = 1  # a comment\n", ["a comment"]),
        ("# one\n# two\n", ["one\ntwo"]),
        ("x = 1  # noqa: F401  # the reason\n", ["the reason"]),
        ("x = 1  # noqa: F401\n", [""]),
        ("raise ValueError('no such file')\n", ["no such file"]),
        ("raise ValueError(f'no file {name} here')\n", ["no file `x` here"]),
        ("log.info('agents_started', count=1)\n", ["agents started"]),
        ("code = 'agents_started'\n", []),
        ("run('SELECT a FROM b')\n", []),
    ],
)
def test_prose_is_found(source: str, expected: list[str]) -> None:
    assert texts(source) == expected


def test_a_passage_has_its_line() -> None:
    assert list(python_passages("\n\n# here\n")) == [Passage(3, "here")]
    assert [item.line for item in python_passages("\n# a\n\n# b\n")] == [2, 4]


@pytest.mark.parametrize(
    ("source", "names"),
    [
        ("def go_on(stop):\n    pass\n", ["go on", "stop"]),
        ("async def _run():\n    pass\n", ["run"]),
        ("class LastWords:\n    pass\n", ["Last Words"]),
        ("begun = 1\nprint(begun)\n", ["begun"]),
    ],
)
def test_defined_names_are_words(source: str, names: list[str]) -> None:
    assert [passage.text for passage in python_names(source)] == names
