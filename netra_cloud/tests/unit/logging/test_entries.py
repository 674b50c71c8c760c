"""From a line to an entry."""

import pytest

from netra_cloud.logging.entries import entry_of_line, severity_rank


@pytest.mark.parametrize(
    ("line", "entry"),
    [
        ("plain\n", {"textPayload": "plain", "severity": "DEFAULT"}),
        (
            '{"severity": "warning", "message": "m"}',
            {"textPayload": "m", "severity": "WARNING"},
        ),
        (
            '{"level": "error", "message": "m", "n": 1}',
            {"jsonPayload": {"level": "error", "message": "m", "n": 1}, "severity": "ERROR"},
        ),
        ('{"severity": "FATAL", "a": 1}', {"jsonPayload": {"a": 1}, "severity": "CRITICAL"}),
        ('{"severity": "loud", "a": 1}', {"jsonPayload": {"a": 1}, "severity": "DEFAULT"}),
        ("{broken", {"textPayload": "{broken", "severity": "DEFAULT"}),
    ],
)
def test_lines(line: str, entry: dict[str, object]) -> None:
    assert entry_of_line(line) == entry


def test_severities_are_ordered() -> None:
    assert severity_rank("DEBUG") < severity_rank("ERROR") < severity_rank("EMERGENCY")
    assert severity_rank("unknown") == 0
