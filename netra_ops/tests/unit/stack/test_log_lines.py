"""Log lines for people have columns; for programs each is one JSON object."""

import json

from netra_ops.stack.log_lines import as_json, for_people

SERVICE = json.dumps(
    {
        "time": "2026-12-01T04:05:06.789123Z",
        "level": "warning",
        "event": "run failed",
        "logger": "netra",
        "code": "model_unavailable",
        "detail": "two words",
        "attempt": 2,
        "trace": None,
    }
)


def test_a_record_has_time_level_part_message_and_fields() -> None:
    assert for_people(SERVICE, "backend", colour=False) == (
        "04:05:06.789 warning  backend    run failed "
        'code=model_unavailable detail="two words" attempt=2'
    )


def test_colour_marks_the_level_only_where_it_is_wanted() -> None:
    assert "\x1b[33mwarning" in for_people(SERVICE, "backend", colour=True)
    assert "\x1b" not in for_people(SERVICE, "backend", colour=False)


def test_names_of_cloud_logging_and_access_logs_are_understood() -> None:
    cloud = json.dumps({"severity": "ERROR", "message": "gone", "time": "x"})
    assert for_people(cloud, "auth", colour=False) == "x error    auth       gone"
    access = json.dumps({"method": "GET", "path": "/ws", "status": 101, "duration_ms": 3})
    assert (
        for_people(access, "edge", colour=False) == "-        edge       GET /ws 101 duration_ms=3"
    )


def test_plain_lines_keep_their_text_without_control_characters() -> None:
    assert for_people("LOG:  ready\x1b[2J", "postgres", colour=False) == (
        "postgres   LOG:  ready[2J"
    )
    assert for_people("{broken", "valkey", colour=False) == "valkey     {broken"


def test_each_line_is_a_json_object_with_its_part() -> None:
    assert json.loads(as_json(SERVICE, "backend")) == {"part": "backend", **json.loads(SERVICE)}
    assert json.loads(as_json("LOG: grün", "postgres")) == {
        "part": "postgres",
        "message": "LOG: grün",
    }
