import json

import pytest

from netra_ops.deploy.progress import Event, Kind, Step, print_json_line, print_line


def test_a_step_reports_its_start_notes_and_end() -> None:
    seen: list[Event] = []

    step = Step("stage", seen.append).start("two services")
    step.note("ready")
    step.done()

    assert [(e.step, e.kind, e.text) for e in seen] == [
        ("stage", Kind.START, "two services"),
        ("stage", Kind.NOTE, "ready"),
        ("stage", Kind.DONE, ""),
    ]
    assert seen[-1].seconds >= 0


def test_lines_go_to_stderr_without_colour_where_there_is_no_terminal(
    capsys: pytest.CaptureFixture[str],
) -> None:
    print_line(Event("verify", Kind.FAILED, "readiness: expected 200", 1.25))

    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err == "✗ verify   readiness: expected 200  (1.2 s)\n"


def test_json_lines_are_for_programs(capsys: pytest.CaptureFixture[str]) -> None:
    print_json_line(Event("verify", Kind.DONE, "", 1.0))

    assert json.loads(capsys.readouterr().out)["kind"] == "done"
