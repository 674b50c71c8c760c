"""What a report of releases may hold."""

from typing import Any

import pytest
from pydantic import ValidationError

from netra_backend.app.operations.release_report import MAX_RELEASES, MAX_STEPS, ReleasesReport
from netra_backend.tests.unit.operations.test_monitoring import RELEASES


def changed(path: tuple[str | int, ...], value: object) -> dict[str, Any]:
    document = RELEASES.model_dump(mode="json", by_alias=True)
    place: Any = document
    for key in path[:-1]:
        place = place[key]
    place[path[-1]] = value
    return document


def test_a_report_is_read_as_it_was_written() -> None:
    assert ReleasesReport.model_validate_json(RELEASES.model_dump_json(by_alias=True)) == RELEASES


@pytest.mark.parametrize(
    ("path", "value", "problem"),
    [
        (("services", 0, "revisions", 0, "percent"), 101, "less than or equal to 100"),
        (("services", 0, "revisions", 0, "percent"), -1, "greater than or equal to 0"),
        (("rollout", "steps", 0, "state"), "lost", "running"),
        (("rollout", "steps"), [{}] * (MAX_STEPS + 1), "at most"),
        (("releases",), [{}] * (MAX_RELEASES + 1), "at most"),
        (("everySeconds",), 0, "greater than 0"),
    ],
)
def test_values_out_of_bounds_are_refused(
    path: tuple[str | int, ...], value: object, problem: str
) -> None:
    with pytest.raises(ValidationError, match=problem):
        ReleasesReport.model_validate(changed(path, value))
