import pytest

from netra_ops.check.prose.line_prose import comment_passages, markdown_passages
from netra_ops.check.prose.passage import Passage


def test_paragraphs_are_prose_and_fenced_code_is_not() -> None:
    source = "# Title\n\none\ntwo\n\n```sh\ncode\n```\n\nthree\n"
    passages = [Passage(1, "# Title"), Passage(3, "one\ntwo"), Passage(10, "three")]
    assert list(markdown_passages(source)) == passages


def test_comments_and_link_targets_are_not_prose() -> None:
    (passage,) = markdown_passages("a <!-- begin --> [b](c/begin.md)\n")
    assert "begin" not in passage.text
    assert "[b" in passage.text


@pytest.mark.parametrize(
    ("source", "marker", "expected"),
    [
        ("#!/bin/sh\n# a\n# b\nrun\n# c\n", "#", [Passage(2, "a\nb"), Passage(5, "c")]),
        ("key = 1  # why\n", "#", [Passage(1, "why")]),
        ("url = 'a#b'\n", "#", []),
        ("-- a comment\nlocal x = 1\n", "--", [Passage(1, "a comment")]),
        ("", "#", []),
    ],
)
def test_comments_of_line_formats(source: str, marker: str, expected: list[Passage]) -> None:
    assert list(comment_passages(source, marker)) == expected
