"""The guide's answers."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netra_backend.app.agents.guide.answer import MAX_LINES, NO_MODEL, compose, introduction
from netra_backend.app.agents.guide.model import pieces
from netra_backend.app.agents.tools import refusal


@pytest.mark.parametrize(
    ("tool", "content", "expected"),
    [
        (
            "read_readiness",
            {"readiness": {"status": "warn", "checks": {"redis": {"ok": False, "none": None}}}},
            "**Readiness: warn**\n\n- checks:\n  - redis:\n    - ok: no",
        ),
        ("read_readiness", refusal("the platform's readiness"), "Only people with the role"),
        (
            "list_connections",
            {"connections": {"ready": 3, "codes": [4401, 4413]}},
            "- ready: 3\n- codes: 4401, 4413",
        ),
        (
            "explain_code",
            {"found": True, "code": 4401, "name": "unauthenticated", "meaning": "No token."},
            "**4401** — unauthenticated\n\n- meaning: No token.",
        ),
        ("explain_code", {"found": False, "code": "4999"}, "`4999` is not a code"),
        ("check_access_token", {"tokens": []}, "no access token in your message"),
        ("search_runbook", {"hits": []}, "The runbook has nothing on this"),
        (
            "search_runbook",
            {"hits": [{"page": "P", "heading": "H", "path": "docs/p.md#h", "excerpt": "Do it."}]},
            "**P — H** (`docs/p.md#h`)\n\nDo it.",
        ),
        ("read_readiness", {"failed": True, "reason": "could not read"}, "could not read"),
        ("search_runbook", "Timed out after 5.0 seconds.", "`search_runbook` gave no answer"),
        ("another", {"a": {"b": [{"c": 1}]}}, "- a:\n  - b:\n    - 1:\n      - c: 1"),
    ],
)
def test_each_result_is_put_into_words(tool: str, content: Any, expected: str) -> None:
    answer = compose([(tool, content)])
    assert expected in answer
    assert answer.endswith(NO_MODEL + "\n")


def test_a_long_snapshot_is_cut_and_says_so() -> None:
    answer = compose([("list_connections", {"connections": {str(n): n for n in range(100)}})])
    assert f"- … and {100 - MAX_LINES} lines more" in answer


def test_the_introduction_says_that_there_is_no_model() -> None:
    assert NO_MODEL in introduction()


@given(st.text(max_size=500))
def test_the_pieces_of_a_text_are_the_text(text: str) -> None:
    whole = "".join(pieces(text))
    assert whole == text or (not text.strip() and not whole)
