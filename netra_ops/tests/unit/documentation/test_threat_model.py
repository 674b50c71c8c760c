"""Each defence of the threat model names tests that exist."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[4]
PAGE = ROOT / "docs" / "threat-model.md"


def test_each_defence_has_a_test() -> None:
    _, _, section = PAGE.read_text("utf-8").partition("## Attacks and defences")
    rows = [line for line in section.splitlines() if line.startswith("|")][2:]
    assert len(rows) > 15
    for row in rows:
        attack, _defence, tests = [cell.strip() for cell in row.strip("|").split("|")]
        paths = re.findall(r"`([^`]+\.py)`", tests)
        assert paths, attack
        for path in paths:
            assert (ROOT / path).is_file(), path
