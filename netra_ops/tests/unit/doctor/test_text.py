"""What a person reads of a diagnosis."""

import pytest

from netra_client.diagnosis.findings import Answer, Diagnosis, Finding, Refuser
from netra_ops.doctor.text import render

YES = Finding("dns", "Does it resolve?", Answer.YES, "127.0.0.1", milliseconds=1.6)
NO = Finding("upgrade", "Does it upgrade?", Answer.NO, "HTTP 503 from edge", "start the backend")
UNKNOWN = Finding("origin", "Does it accept the Origin?", Answer.UNKNOWN, "no Origin was given")
ANSWERS = Finding("answers", "Does it answer?", Answer.YES, "a pong")


def test_the_cause_comes_last_with_its_remedy() -> None:
    diagnosis = Diagnosis("ws://localhost:8080/ws", (YES, NO, UNKNOWN), Refuser.EDGE)
    lines = render(diagnosis, colour=False).splitlines()
    assert lines[0] == "ws://localhost:8080/ws"
    assert "  ✓ Does it resolve?  yes  (2 ms)" in lines
    assert "  ? Does it accept the Origin?  unknown  (0 ms)" in lines
    assert lines[-2:] == [
        "Cause: Does it upgrade? no: HTTP 503 from edge",
        "  -> start the backend",
    ]


def test_unknown_is_never_shown_as_a_cause() -> None:
    assert "The cause is unknown; 1 unknown" in render(
        Diagnosis("ws://a", (YES, UNKNOWN)), colour=False
    )


def test_a_socket_that_answers_has_no_cause() -> None:
    text = render(Diagnosis("ws://a", (YES, ANSWERS)), colour=False, quiet=True)
    assert text == "No cause found: the socket opens and answers\n"


@pytest.mark.parametrize("colour", [True, False])
def test_colour_only_where_it_is_wanted(*, colour: bool) -> None:
    assert ("\x1b[" in render(Diagnosis("ws://a", (YES, NO)), colour=colour)) is colour
