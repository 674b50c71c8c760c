"""Mutated configurations: every input gives a report, and no input an unexpected exception."""

from pathlib import Path

import pytest

from netra_cloud.tests.unit.terraform.fuzz_inputs import (
    assert_nothing_unexpected,
    exercise,
    mutations,
)

HERE = Path(__file__).parent
INPUTS = 120  # 10,000 in netra_cloud/tests/nightly/terraform


def test_no_mutation_of_a_configuration_ends_in_an_unexpected_exception(tmp_path: Path) -> None:
    roots = (HERE / "correct", HERE / "guide", HERE / "pinned")
    assert assert_nothing_unexpected(mutations(roots, INPUTS, seed=17), tmp_path) == INPUTS


@pytest.mark.parametrize(
    ("old", "new"),
    [("session_affinity                 = true", "session_affinity = {}"),
     ("cpu_idle = false", "cpu_idle = []"),
     ('protocol              = "HTTPS"', "protocol = {}"),
     ('ingress              = "INGRESS_TRAFFIC_INTERNAL_LOAD_BALANCER"', "ingress = {}")],
)  # fmt: skip
def test_collections_in_place_of_scalars_are_no_crash(old: str, new: str, tmp_path: Path) -> None:
    text = (HERE / "correct" / "main.tf").read_text()
    assert old in text
    (tmp_path / "main.tf").write_text(text.replace(old, new))
    exercise(tmp_path)
