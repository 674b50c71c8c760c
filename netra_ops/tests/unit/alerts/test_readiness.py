"""Store checks of a readiness document of any shape."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netra_ops.alerts.readiness import StoreCheck, store_checks

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=8,
)


def test_both_stores_are_found() -> None:
    entry = {"status": "pass", "observedValue": 11.0, "observedUnit": "ms"}
    document = {
        "checks": {
            "database:responseTime": [entry],
            "redis:responseTime": [{"status": "fail"}],
            "token_keys:responseTime": [entry],
        }
    }
    assert store_checks(document) == {
        "database": StoreCheck(passed=True, seconds=0.011),
        "redis": StoreCheck(passed=False, seconds=None),
    }


@given(st.dictionaries(st.sampled_from(["redis:a", "database:b", "x"]), JSON))
def test_no_shape_breaks_the_reader(checks: dict[str, Any]) -> None:
    assert store_checks({"checks": checks}).keys() <= {"redis", "database"}


@pytest.mark.parametrize("document", [{}, {"checks": None}, {"checks": []}])
def test_without_details_nothing_is_measured(document: dict[str, Any]) -> None:
    assert store_checks(document) == {}
