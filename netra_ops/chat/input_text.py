"""Text from the command line, a pipe or the keyboard: UTF-8, or an error that names the byte."""

import os

from netra_ops.errors import OperatorError

EXIT_USAGE = 2


class InputRefused(OperatorError):
    """The input is no message: not UTF-8, or too large."""

    code = "input_refused"
    title = "Input refused"
    exit_code = EXIT_USAGE


def utf8_text(data: bytes, source: str) -> str:
    """Return ``data`` as text.

    Args:
        data: what was read.
        source: where from, for the error; for example ``stdin``.

    Raises:
        InputRefused: it is not UTF-8.
    """
    try:
        return data.decode()
    except UnicodeDecodeError as error:
        raise InputRefused(
            f"{source} is not UTF-8 text: byte 0x{data[error.start]:02x} at position {error.start}",
            remedy="convert it: iconv -f ISO-8859-1 -t UTF-8 FILE | netra chat",
        ) from None


def utf8_argument(argument: str) -> str:
    """Return a command-line argument; Python decodes other bytes to lone surrogates (PEP 383).

    Raises:
        InputRefused: it is not UTF-8.
    """
    return utf8_text(os.fsencode(argument), "the question")
