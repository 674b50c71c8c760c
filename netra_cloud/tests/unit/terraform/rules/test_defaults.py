"""Which values ask for something else than the API's default."""

import pytest

from netra_cloud.terraform.rules.defaults import differs_from_default
from netra_cloud.terraform.values import BlockValue, Unknown, Value


@pytest.mark.parametrize(
    ("argument", "value", "differs"),
    [
        ("timeout_sec", 30, False),
        ("timeout_sec", "30", False),
        ("timeout_sec", 30.0, False),
        ("timeout_sec", 60, True),
        ("timeout_sec", None, False),
        ("timeout_sec", Unknown("var.t"), False),
        ("capacity_scaler", 1.0, False),
        ("capacity_scaler", "1", False),
        ("capacity_scaler", "0", False),  # as exported from a live project
        ("capacity_scaler", 0.5, True),
        ("max_utilization", 0.8, False),
        ("max_utilization", 0, False),
        ("max_utilization", 0.5, True),
        ("max_rate", "0", False),
        ("max_rate", 10, True),
        ("port_name", "http", False),
        ("port_name", "https", True),
        ("session_affinity", "NONE", False),
        ("health_checks", [], False),
        ("health_checks", ["x"], True),
    ],
)
def test_a_value_differs_after_conversion(argument: str, value: Value, differs: bool) -> None:  # noqa: FBT001  a table
    assert differs_from_default(BlockValue({argument: value}), argument) == differs
