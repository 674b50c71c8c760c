"""The file of thresholds is whole, and a wrong one is refused with every problem."""

from pathlib import Path

import pytest

from netra_ops.alerts.thresholds import load_thresholds
from netra_ops.stack.paths import project_root
from netra_shared.errors import ConfigurationError


def test_the_guide_s_numbers() -> None:
    found = load_thresholds()
    objectives = {name: one.objective for name, one in found.ratios.items()}
    assert objectives == {
        "connection_success": 90,
        "authentication_success": 85,
        "event_delivery": 95,
        "golden_path_success": 85,
        "redis_availability": 95,
        "database_success": 98,
    }
    assert found.ratios["golden_path_success"].within == 90
    assert {name: one.above for name, one in found.values.items()} == {
        "health_seconds": 8,
        "redis_milliseconds": 500,
        "database_seconds": 5,
    }
    assert [one.rate for one in found.burn] == [14.4, 6, 1]


def test_every_runbook_exists() -> None:
    found = load_thresholds()
    pages = {one.runbook for one in found.ratios.values()}
    pages |= {one.runbook for one in found.values.values()}
    assert [page for page in pages if not (project_root() / page).is_file()] == []


def test_a_burn_rate_beyond_the_budget_is_bounded() -> None:
    found = load_thresholds()
    connection, delivery = found.ratios["connection_success"], found.ratios["event_delivery"]
    assert found.error_threshold(connection, found.burn[0]) == 0.5
    assert found.error_threshold(connection, found.burn[2]) == pytest.approx(0.1)
    assert found.error_threshold(delivery, found.burn[1]) == pytest.approx(0.3)


@pytest.mark.parametrize(
    ("before", "after", "problem"),
    [
        ("objective: 90", "objective: 100", "ratios.connection_success.objective"),
        ("clear: 6", "clear: 9", "clear must not exceed above"),
        ("short: 5m", "short: 2h", "short must be shorter"),
        ("within: 90s", "within: soon", "within"),
        ("minimum_events: 20", "minimum_event: 20", "minimum_event: Extra inputs"),
        ("version: 1", "version: 1\n  x: [", "no YAML"),
    ],
)
def test_a_wrong_file_names_the_field(
    tmp_path: Path, before: str, after: str, problem: str
) -> None:
    text = (project_root() / "monitoring-thresholds.yaml").read_text()
    assert before in text
    path = tmp_path / "thresholds.yaml"
    path.write_text(text.replace(before, after, 1))
    with pytest.raises(ConfigurationError) as caught:
        load_thresholds(path)
    assert problem in str(caught.value)


def test_an_absent_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="No such file"):
        load_thresholds(tmp_path / "absent.yaml")
