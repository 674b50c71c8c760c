import pytest
from hypothesis import given
from hypothesis import strategies as st

from netra_ops.deploy.errors import DeployRefused
from netra_ops.deploy.options import parse_drain, parse_steps


@given(st.lists(st.integers(1, 100), min_size=1, unique=True).map(sorted))
def test_rising_percentages_are_taken_as_they_are(steps: list[int]) -> None:
    assert parse_steps(",".join(map(str, steps))) == tuple(steps)


@pytest.mark.parametrize("text", ["", "0,50", "50,10", "10,10", "101", "ten", "10;50"])
def test_other_steps_are_refused(text: str) -> None:
    with pytest.raises(DeployRefused, match="no rising list"):
        parse_steps(text)


def test_drain_policies_are_named() -> None:
    assert parse_drain("finish") == "finish"
    with pytest.raises(DeployRefused, match="no policy"):
        parse_drain("later")
