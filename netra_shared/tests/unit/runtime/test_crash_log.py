"""One JSON line on stderr without credentials, for any fields."""

import json
import logging
import sys

import pytest

from netra_shared.logging import SureHandler
from netra_shared.runtime.crash_log import CrashLog, frames_of


def test_scalars_are_written_and_nothing_else(capfd: pytest.CaptureFixture[str]) -> None:
    fields = {
        "text": 'quote " and \n line, ü', "count": 3, "share": 0.5, "infinite": float("inf"),
        "good": True, "nothing": None, "list": [1], "password": "hunter2 hunter2",
        "said": "Bearer abcdefghijklmnop",
    }  # fmt: skip
    assert CrashLog().write("somebody", "it happened", fields)
    (line,) = capfd.readouterr().err.splitlines()
    record = json.loads(line)
    assert record.pop("time").endswith("+00:00")
    assert record == {
        "severity": "ERROR", "message": "it happened", "logger": "somebody",
        "text": 'quote " and \n line, ü', "count": 3, "share": 0.5, "infinite": None,
        "good": True, "nothing": None, "password": "<redacted>", "said": "Bearer <redacted>",
    }  # fmt: skip


def test_a_long_text_is_cut(capfd: pytest.CaptureFixture[str]) -> None:
    CrashLog().write("somebody", "long", {"text": "x" * 100_000})
    assert len(capfd.readouterr().err) < 5_000


def test_frames_are_named_without_reading_their_files() -> None:
    with pytest.raises(ZeroDivisionError) as caught:
        _ = 1 // 0
    assert frames_of(caught.value.__traceback__).endswith(
        " test_frames_are_named_without_reading_their_files"
    )
    assert frames_of(None) == ""


def test_a_record_whose_arguments_do_not_fit_is_written_unformatted(
    capfd: pytest.CaptureFixture[str],
) -> None:
    """A library's mistake; the standard handler would show a traceback of itself."""
    handler = SureHandler(sys.stdout)
    handler._crash_log = CrashLog()  # bound to the descriptor that this test reads
    handler.handle(logging.LogRecord("lib", logging.INFO, "f.py", 1, "%d things", ("no",), None))
    (line,) = capfd.readouterr().err.splitlines()
    assert json.loads(line)["message"] == "%d things"
