"""All rules, and the named exceptions that are kept on file."""

import tomllib
from dataclasses import dataclass
from pathlib import Path

from test_framework.integrity.finding import Rule
from test_framework.integrity.rules import (
    must_assert,
    no_commented_decorator,
    no_early_return,
    no_mock,
    no_sleep,
    no_swallowed_assertion,
    no_vacuous_assert,
    no_wall_clock,
    skip_needs_issue,
)

RULES: tuple[Rule, ...] = (
    no_mock.RULE,
    no_commented_decorator.RULE,
    skip_needs_issue.RULE,
    must_assert.RULE,
    no_vacuous_assert.RULE,
    no_swallowed_assertion.RULE,
    no_early_return.RULE,
    no_sleep.RULE,
    no_wall_clock.RULE,
)
ALLOW_LIST_FILE = Path(__file__).with_name("allow_list.toml")


@dataclass(frozen=True)
class Allowed:
    """A file that may break a rule, and why."""

    rule: str
    path: str
    because: str


def load_allow_list(path: Path = ALLOW_LIST_FILE) -> tuple[Allowed, ...]:
    """Read the named exceptions.

    Raises:
        ValueError: an entry is incomplete or names no rule.
    """
    known = {rule.name for rule in RULES}
    allowed = []
    for entry in tomllib.loads(path.read_text()).get("allow", []):
        if set(entry) != {"rule", "path", "because"} or not all(map(str.strip, entry.values())):
            raise ValueError(f"{path}: an entry needs exactly rule, path and because: {entry}")
        if entry["rule"] not in known:
            raise ValueError(f"{path}: there is no rule {entry['rule']!r}")
        allowed.append(Allowed(**entry))
    return tuple(allowed)
