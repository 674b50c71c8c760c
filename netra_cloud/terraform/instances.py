"""``count`` and ``for_each``: which instances a resource or module call has."""

from collections.abc import Iterator

from netra_cloud.terraform.configuration import InstanceKey, key_text
from netra_cloud.terraform.conversion import Failed, to_bool, to_number
from netra_cloud.terraform.expressions import Scope, evaluate
from netra_cloud.terraform.hcl_source import SourceBlock
from netra_cloud.terraform.values import SetValue, Unknown, UnknownKey, Value, key_value

MAX_INSTANCES = 10_000  # of one block; more is taken as not known


def instances(block: SourceBlock, scope: Scope) -> Iterator[tuple[InstanceKey, Scope]]:
    """Yield the instances of a resource or module call: key, and what its names mean.

    An unknown ``count`` or ``for_each`` gives one instance without key, in which ``each`` and
    ``count.index`` are unknown.
    """
    arguments = block.body.arguments
    if "count" in arguments:
        count = _count(evaluate(arguments["count"].expression, scope))
        if count is not None:
            for index in range(count):
                yield index, scope.with_names(count={"index": index})
        else:
            yield None, scope.with_names(count={"index": Unknown("count.index")})
        return
    if "for_each" not in arguments:
        yield None, scope
        return
    collection = evaluate(arguments["for_each"].expression, scope)
    items = _items(collection)
    if items is not None:
        for key, value in items:
            yield key, scope.with_names(each={"key": key_value(key), "value": value})
        return
    references = collection.references if isinstance(collection, Unknown) else frozenset()
    each: Value = {"key": Unknown("each.key"), "value": Unknown("each.value", references)}
    yield None, scope.with_names(each=each)


def without_instance(scope: Scope) -> Scope:
    """Return the scope of a block that has no instance at present: its keys are not known."""
    each: Value = {"key": Unknown("each.key"), "value": Unknown("each.value")}
    return scope.with_names(each=each, count={"index": Unknown("count.index")})


def _count(value: Value) -> int | None:
    try:
        number = int(to_bool(value)) if isinstance(value, bool) else to_number(value)
    except Failed:
        return None
    return number if isinstance(number, int) and 0 <= number <= MAX_INSTANCES else None


def _items(collection: Value) -> list[tuple[str, Value]] | None:
    """Return keys and values; None when a key is not known."""
    if isinstance(collection, dict):
        return sorted(collection.items(), key=lambda pair: pair[0])
    if isinstance(collection, SetValue | list):
        if any(not isinstance(item, str) for item in collection):
            return [(_key(item), item) for item in collection]
        return [(str(item), item) for item in collection]
    return None


def _key(item: Value) -> str:
    return UnknownKey(item) if isinstance(item, Unknown) else str(item)


def instance_values(block: SourceBlock, scope: Scope, address: str, *, refers: bool) -> Value:
    """Return a resource or module call as a value: one unknown for each instance.

    Args:
        block: the resource or module call.
        scope: of its module.
        address: of the block.
        refers: the unknowns refer to their address; a module call does not.
    """

    def unknown(text: str) -> Unknown:
        return Unknown(text, frozenset({text}) if refers else frozenset())

    from_key: dict[str, Value] = {}
    from_index: list[Value] = []
    for key, _ in instances(block, scope):
        if key is None:
            return unknown(address)
        text = f"{address}{key_text(key)}"
        if isinstance(key, int):
            from_index.append(unknown(text))
        else:
            from_key[key] = unknown(text)
    return from_index if "count" in block.body.arguments else dict(from_key)
