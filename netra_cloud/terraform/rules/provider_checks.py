"""What the google provider refuses before it asks the API, for every generated resource type.

The checks are those of the plugin SDK (helper/schema/schema.go in terraform-plugin-sdk v2):
ValidateFunc, ConflictsWith, ExactlyOneOf, AtLeastOneOf and RequiredWith. Nothing is typed here:
``provider_facts`` has what ``provider_extract`` read out of magic-modules.
"""

import re
from collections.abc import Callable, Iterator

from netra_cloud.terraform.configuration import Configuration, Resource
from netra_cloud.terraform.findings import (
    EVERY_GOOGLE_TYPE,
    Check,
    Options,
    Rule,
    Severity,
    Violation,
)
from netra_cloud.terraform.provider_facts import Checks, checks_of
from netra_cloud.terraform.values import BlockValue, Unknown, Value


def _is_set(body: BlockValue, path: str) -> bool | None:
    """Return whether a field is written, as the SDK counts it; None when that is not known."""
    *parents, name = path.split(".")
    if any(_has(block, name) for block in body.certain(*parents)):
        return True
    may_be = any(_has(block, name) is not False for block in body.all(*parents))
    above = (body.all(*parents[:depth]) for depth in range(len(parents)))
    is_open = any(
        step in block.open_blocks
        for blocks, step in zip(above, parents, strict=True)
        for block in blocks
    )
    return None if may_be or is_open else False


def _has(block: BlockValue, name: str) -> bool | None:
    value = block.get(name)
    if isinstance(value, Unknown) or value == []:
        return None
    nested = block.blocks.get(name, ())
    # A block without content may count as not written.
    if value is not None or any(one.is_certain and one.has_content for one in nested):
        return True
    # An entry without blocks is a dynamic block over what is empty at present, such as a default.
    return None if name in block.blocks or name in block.open_blocks else False


def _texts(value: Value) -> list[str]:
    values = value if isinstance(value, list) else [value]
    return [
        str(one)
        for one in values
        if isinstance(one, str | int | float) and not isinstance(one, bool) and one != ""
    ]


def _refusal(checks: Checks, block: BlockValue, name: str) -> str | None:
    value = block.get(name)
    for text in _texts(value):
        if checks.enum and text not in checks.enum:
            return f'{name} = "{text}", allowed: {", ".join(checks.enum)}'
        if checks.pattern and not re.search(checks.pattern, text):
            return f'{name} = "{text}" does not match {checks.pattern}'
        if checks.length is not None:
            least, most = checks.length
            size = len(text.encode())
            if not least <= size <= most:
                return f"{name} has {size} characters, allowed are {least} to {most}"
    number = block.number(name)
    low, high = checks.range
    if number is None or (low is None and high is None):
        return None
    if (low is not None and number < low) or (high is not None and number > high):
        bounds = [f"at least {low:,}"] if low is not None else []
        bounds += [f"at most {high:,}"] if high is not None else []
        return f"{name} = {number:,g}, allowed: {' and '.join(bounds)}"
    return None


def _values(resource: Resource, checks: Checks) -> Iterator[Violation]:
    *parents, name = checks.path.split(".")
    for block in resource.body.all(*parents):
        detail = _refusal(checks, block, name)
        if detail is not None:
            yield Violation(block, name, detail)


def _conflicts(resource: Resource, checks: Checks) -> Iterator[Violation]:
    body = resource.body
    others = [path for path in checks.conflicts if path != checks.path and _is_set(body, path)]
    if others and _is_set(body, checks.path):
        place, name = _place(body, checks.path)
        for other in others:
            there, its_name = _place(body, other)
            # The later one of a pair is reported.
            if (there.line_of(its_name), other) < (place.line_of(name), checks.path):
                yield Violation(place, name, f"{other} and {checks.path} exclude each other")
                return


def _alternatives(resource: Resource, checks: Checks) -> Iterator[Violation]:
    group = checks.one_of or checks.at_least
    # One of the group speaks for all of it.
    if not group or checks.path != group[0]:
        return
    body = resource.body
    parents = checks.path.split(".")[:-1]
    states = {path: _is_set(body, path) for path in group}
    listed = ", ".join(group)
    found = [path for path, is_set in states.items() if is_set]
    if checks.one_of and len(found) > 1:
        place, name = _place(body, max(found, key=lambda path: _line(body, path)))
        yield Violation(place, name, f"{', '.join(found)}: only one of {listed} may be set")
    if not any(is_set is not False for is_set in states.values()):
        for block in body.certain(*parents):
            count = "exactly" if checks.one_of else "at least"
            yield Violation(block, None, f"{count} one of {listed} must be set")


def _companions(resource: Resource, checks: Checks) -> Iterator[Violation]:
    body = resource.body
    missing = [path for path in checks.companions if _is_set(body, path) is False]
    if missing and _is_set(body, checks.path):
        place, name = _place(body, checks.path)
        yield Violation(place, name, f"{checks.path} requires {', '.join(missing)}")


def _line(body: BlockValue, path: str) -> int:
    place, name = _place(body, path)
    return place.line_of(name)


def _place(body: BlockValue, path: str) -> tuple[BlockValue, str]:
    *parents, name = path.split(".")
    return next(
        (block for block in body.all(*parents) if block.has(name) or block.blocks.get(name)), body
    ), name


def _each(judge: Callable[[Resource, Checks], Iterator[Violation]]) -> Check:
    def check(resource: Resource, _: Configuration, __: Options) -> Iterator[Violation]:
        for checks in checks_of(resource.type):
            yield from judge(resource, checks)

    return check


_SOURCE = (
    "github.com/GoogleCloudPlatform/magic-modules, mmv1/products, the definition of the resource"
)

RULES = (
    Rule(
        id="provider-value",
        severity=Severity.ERROR,
        title="a value that the provider refuses",
        types=EVERY_GOOGLE_TYPE,
        why="terraform validate stops here: the argument takes the words of an enum, a pattern or "
        "a range.",
        remedy="write an allowed value",
        reference=_SOURCE,
        check=_each(_values),
    ),
    Rule(
        id="provider-conflict",
        severity=Severity.ERROR,
        title="two arguments that exclude each other",
        types=EVERY_GOOGLE_TYPE,
        why="terraform validate stops here with `Conflicting configuration arguments`.",
        remedy="keep one of them",
        reference=_SOURCE,
        check=_each(_conflicts),
    ),
    Rule(
        id="provider-alternatives",
        severity=Severity.ERROR,
        title="none or several of arguments of which one is required",
        types=EVERY_GOOGLE_TYPE,
        why="terraform validate stops here with `Invalid combination of arguments` or `Missing "
        "required argument`.",
        remedy="set one of them",
        reference=_SOURCE,
        check=_each(_alternatives),
    ),
    Rule(
        id="provider-companion",
        severity=Severity.ERROR,
        title="an argument without another one that it requires",
        types=EVERY_GOOGLE_TYPE,
        why="terraform validate stops here with `Missing required argument`.",
        remedy="write both, or remove this one",
        reference=_SOURCE,
        check=_each(_companions),
    ),
)
