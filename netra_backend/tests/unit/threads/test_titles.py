"""Automatic titles."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netra_backend.app.threads.titles import AUTOMATIC_TITLE_CHARACTERS, automatic_title


@pytest.mark.parametrize(
    ("content", "title"),
    [
        ("Is it ready?", "Is it ready?"),
        ("\n\n  ## How do I\troll   back? \nmore", "How do I roll back?"),
        ("   \n ", None),
        ("***", None),
        ("word " * 20, "word word word word word word word word word word word…"),
        ("x" * 80, "x" * 59 + "…"),
        ("\u200b\u2066\nseen", "seen"),
        ("\u202eevil\u202c \ud83d", "evil \ufffd"),
        ("\u200b\u200d", None),
    ],
)
def test_title(content: str, title: str | None) -> None:
    assert automatic_title(content) == title


@given(st.text())
def test_a_title_is_one_short_line(content: str) -> None:
    title = automatic_title(content)
    if title is not None:
        assert 0 < len(title) <= AUTOMATIC_TITLE_CHARACTERS
        assert len(title.splitlines()) == 1
