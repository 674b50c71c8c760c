"""Which tools answer which question."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netra_backend.app.agents.guide.plan import codes_in, make_plan
from netra_backend.app.runs.credential_redaction import PLACEHOLDER


@pytest.mark.parametrize(
    ("question", "tools"),
    [
        ("hello", []),
        ("Hi!", []),
        ("   ", []),
        ("Is the platform ready?", ["read_readiness"]),
        ("how healthy are we", ["read_readiness", "search_runbook"]),
        ("how many users are connected?", ["list_connections", "search_runbook"]),
        ("4401", ["explain_code"]),
        ("why do I get 4413 all the time?", ["explain_code", "search_runbook"]),
        ("-32003", ["explain_code"]),
        ("run_busy?", ["explain_code"]),
        ("how do I roll back", ["search_runbook"]),
        ("valkey", ["search_runbook"]),
        (PLACEHOLDER, ["check_access_token"]),
        (f"why is {PLACEHOLDER} refused?", ["check_access_token", "search_runbook"]),
        ("stop all runs older than 5 minutes", ["stop_long_runs"]),
        ("please end the long runs", ["stop_long_runs"]),
        ("4401 or run_busy, and is it ready", ["explain_code", "explain_code", "read_readiness"]),
    ],
)
def test_plan(question: str, tools: list[str]) -> None:
    plan = make_plan(question)
    assert [step.tool for step in plan.steps] == tools
    assert plan.reasons


@pytest.mark.parametrize(
    ("question", "codes"),
    [
        ("4401, 4403 and 4401", ("4401", "4403")),
        ("close code 1012.", ("1012",)),
        ("-32001 then 4500 then run_lost then 4503", ("-32001", "4500", "run_lost")),
        ("in 2026, 10.1012, v4401 or 44011, /health/ready_now", ()),
    ],
)
def test_codes(question: str, codes: tuple[str, ...]) -> None:
    assert codes_in(question) == codes


@given(st.text(max_size=300))
def test_any_text_has_a_plan_with_bounded_arguments(question: str) -> None:
    for step in make_plan(question).steps:
        assert all(len(str(value)) <= 200 for value in step.arguments.values())
