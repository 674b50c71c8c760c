"""Automatic conversions, as terraform's documentation has them."""

from typing import Any

import pytest

from netra_cloud.terraform.type_check import misfit
from netra_cloud.terraform.values import Unknown, Value


@pytest.mark.parametrize(
    ("value", "wanted", "instead"),
    [
        ("a", "string", None),
        (15, "string", None),
        (True, "string", None),
        (["a"], "string", "a string"),
        ({"a": 1}, "string", "a string"),
        (15, "number", None),
        ("15", "number", None),
        ("15s", "number", "a number"),
        (True, "number", "a number"),
        ([1], "number", "a number"),
        (False, "bool", None),
        ("true", "bool", None),
        ("yes", "bool", "a bool"),
        (2, "bool", "a bool"),
        (["a", 1], ["list", "string"], None),
        ("a", ["list", "string"], "a list"),
        ("a", ["set", "string"], "a set"),
        ([["a"]], ["list", "string"], "a list of which each value is a string"),
        ({"a": "1"}, ["map", "number"], None),
        ({"a": "x"}, ["map", "number"], "a map of which each value is a number"),
        (["a"], ["map", "string"], "a map"),
        ({"a": 1}, ["object", {"a": "string"}], None),
        ("a", ["object", {}], "an object"),
        ("anything", "dynamic", None),
        (None, "number", None),
        (Unknown("var.x"), ["list", "string"], None),
        ([Unknown("var.x")], ["list", "number"], None),
    ],
)
def test_what_is_required_instead(value: Value, wanted: Any, instead: str | None) -> None:
    assert misfit(value, wanted) == instead
