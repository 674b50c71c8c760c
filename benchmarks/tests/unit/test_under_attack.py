"""The verdict of a table, and that every attack has its workers."""

from benchmarks.under_attack.attacks import FAMILIES, WORKERS, Target, standard_input
from benchmarks.under_attack.bystander import KINDS, Samples
from benchmarks.under_attack.table import as_markdown, harmed


def measured(milliseconds: float, *, failures: int = 0) -> dict[str, Samples]:
    return {kind: Samples([milliseconds / 1000] * 100, failures) for kind in KINDS}


def test_a_p99_above_three_times_the_quiet_one_is_harm() -> None:
    quiet = measured(40)
    assert harmed(quiet, {"pings": measured(119)}) == []
    assert harmed(quiet, {"pings": measured(121)}) == [f"pings: {kind}" for kind in KINDS]


def test_a_p99_below_50_ms_is_no_harm() -> None:
    assert harmed(measured(1), {"pings": measured(49)}) == []


def test_a_failure_and_too_few_samples_are_harm() -> None:
    quiet = measured(40)
    assert len(harmed(quiet, {"pings": measured(40, failures=1)})) == len(KINDS)
    assert len(harmed(quiet, {"pings": {kind: Samples([0.01]) for kind in KINDS}})) == len(KINDS)


def test_the_table_has_a_row_for_each_attack_and_marks_harm() -> None:
    table = as_markdown(measured(40), {"pings": measured(400), "forged": measured(41)})
    rows = table.splitlines()
    assert rows[2].startswith("| quiet | 40.0 / 40.0 |")
    assert "**400.0 / 400.0**" in rows[3]
    assert "**" not in rows[4]


def test_every_family_has_workers_and_a_readable_target() -> None:
    assert set(WORKERS) == set(FAMILIES)
    assert b'"token": "t"' in standard_input(Target("http://localhost:1", "t", "a@example.com"))
