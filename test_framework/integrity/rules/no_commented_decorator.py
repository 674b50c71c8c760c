"""No commented-out ``@require_docker_services()``."""

from collections.abc import Iterator

from test_framework.decorator_comments import find_disabled
from test_framework.integrity.finding import NO_ESCAPE, Hit, Rule
from test_framework.integrity.source import Source

REMEDY = "run scripts/restore_test_decorators.py"


def _check(source: Source) -> Iterator[Hit]:
    for disabled in find_disabled(source.text):
        code = disabled.decorator.splitlines()[0]
        yield disabled.first_line, f"{code} is commented out; {REMEDY}"


RULE = Rule(
    name="no-commented-decorator",
    why="With the decorator commented out the test runs without its services, and all that it "
    "then does is reported as a pass.",
    blind_spot="A decorator that was deleted instead of commented out.",
    escape=NO_ESCAPE,
    check=_check,
)
