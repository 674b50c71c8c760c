"""Update masks over JSON (google/protobuf/field_mask.proto)."""

import copy
from typing import Any

from netra_cloud.run.core.errors import InvalidArgument
from netra_cloud.run.core.proto_json import SERVICE, camel, fields_of

Json = dict[str, Any]

# Output only in service.proto; a mask may name them, and they change nothing.
OUTPUT_ONLY = frozenset(
    {
        "conditions",
        "createTime",
        "creator",
        "deleteTime",
        "etag",
        "expireTime",
        "generation",
        "lastModifier",
        "latestCreatedRevision",
        "latestReadyRevision",
        "name",
        "observedGeneration",
        "reconciling",
        "satisfiesPzs",
        "terminalCondition",
        "trafficStatuses",
        "uid",
        "updateTime",
        "uri",
        "urls",
    }
)


def parse_mask(text: str) -> list[list[str]]:
    """Return the paths of a mask as lists of JSON names; none for an empty mask or ``*``.

    Raises:
        InvalidArgument: a path leads to no field of ``Service``.
    """
    paths = []
    for path in filter(None, (part.strip() for part in text.split(","))):
        if path == "*":
            return []
        names = [camel(part) for part in path.split(".")]
        message = SERVICE
        for position, name in enumerate(names):
            fields = fields_of(message) if message else {}
            if name not in fields:
                message_text = f"Invalid field mask path: {path!r}"
                raise InvalidArgument(
                    f"The update mask is invalid: field '{path}' does not exist in Service.",
                    ("update_mask", message_text),
                )
            kind, repeated = fields[name]
            if kind == "map":
                if position < len(names) - 2:
                    raise InvalidArgument(f"The update mask '{path}' leads into a map's value.")
                break
            message = "" if repeated or "." not in kind or "protobuf" in kind else kind
        paths.append(names)
    return paths


def merge(current: Json, update: Json, paths: list[list[str]]) -> Json:
    """Return ``current`` with the masked paths taken from ``update``.

    Without paths the update replaces everything. A masked path that the update lacks is cleared.
    """
    if not paths:
        return {key: value for key, value in update.items() if key not in OUTPUT_ONLY}
    result = copy.deepcopy(current)
    for path in paths:
        if path[0] in OUTPUT_ONLY:
            continue
        _copy(result, update, path)
    return result


def _copy(target: Json, source: Json, path: list[str]) -> None:
    name, *rest = path
    if not rest:
        if name in source:
            target[name] = copy.deepcopy(source[name])
        else:
            target.pop(name, None)
        return
    _copy(target.setdefault(name, {}), source.get(name) or {}, rest)
