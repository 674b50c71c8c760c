"""Ten thousand mutated configurations: no input ends in an unexpected exception."""

import os
from pathlib import Path

import pytest

from netra_cloud.tests.unit.terraform import fuzz_inputs

ROOT = Path(__file__).parents[4]
INPUTS = 10_000  # 9 minutes on two busy cores
# More directories to mutate, separated by colons, for a run by hand on public samples.
SAMPLES = os.environ.get("NETRA_FUZZ_SAMPLES", "")


@pytest.mark.timeout(3600)
def test_ten_thousand_mutations_give_a_report(tmp_path: Path) -> None:
    cases = Path(fuzz_inputs.__file__).parent
    own = [cases / "correct", cases / "guide", cases / "pinned", ROOT / "terraform-gcp-staging"]
    roots = [*own, *map(Path, SAMPLES.split(":") if SAMPLES else [])]
    inputs = fuzz_inputs.mutations(roots, INPUTS, seed=29)
    assert fuzz_inputs.assert_nothing_unexpected(inputs, tmp_path) == INPUTS
