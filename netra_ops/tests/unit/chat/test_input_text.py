"""Input that is not text is refused with the byte that is wrong and a remedy."""

import os

import pytest

from netra_ops.chat.input_text import EXIT_USAGE, InputRefused, utf8_argument, utf8_text


def test_text_is_returned() -> None:
    assert utf8_text("grün 😀\n".encode(), "stdin") == "grün 😀\n"
    assert utf8_argument(os.fsdecode("grün".encode())) == "grün"


def test_other_bytes_are_refused() -> None:
    with pytest.raises(InputRefused) as caught:
        utf8_text(b"ab\xe9", "stdin")
    assert caught.value.exit_code == EXIT_USAGE
    assert caught.value.detail == "stdin is not UTF-8 text: byte 0xe9 at position 2"
    assert "iconv" in caught.value.remedy


def test_an_argument_of_other_bytes_is_refused() -> None:
    with pytest.raises(InputRefused, match="the question is not UTF-8"):
        utf8_argument(os.fsdecode(b"\xff"))
