"""Extracts the shape of ``google.cloud.run.v2.Service`` from Google's own protobuf classes.

``python -m netra_cloud.run.core.schema_extract > netra_cloud/run/core/schema.json`` after an
update of google-cloud-run. The control plane reads the file, because importing the classes costs
one second and 71 MB.
"""

import json
import sys
from typing import Any

from google.cloud import run_v2
from google.protobuf.descriptor import Descriptor, FieldDescriptor

ROOT = "google.cloud.run.v2.Service"


def extract() -> dict[str, Any]:
    """Return ``{"messages": {name: {field: [type, repeated]}}, "enums": {name: {number: name}}}``.

    A type is a scalar's name, or the full name of a message or an enum; a map is ``map``.
    """
    messages: dict[str, dict[str, list[Any]]] = {}
    enums: dict[str, dict[str, str]] = {}
    waiting: list[Descriptor] = [run_v2.Service.pb(run_v2.Service()).DESCRIPTOR]
    while waiting:
        message = waiting.pop()
        if message.full_name in messages:
            continue
        fields = messages.setdefault(message.full_name, {})
        for field in message.fields:
            fields[field.json_name] = [_type(field), _repeated(field)]
            if field.enum_type is not None:
                enums[field.enum_type.full_name] = {
                    str(value.number): value.name for value in field.enum_type.values
                }
            elif field.message_type is not None and fields[field.json_name][0] != "map":
                waiting.append(field.message_type)
    return {"messages": dict(sorted(messages.items())), "enums": dict(sorted(enums.items()))}


def _type(field: FieldDescriptor) -> str:
    if field.message_type is not None:
        return "map" if field.message_type.GetOptions().map_entry else field.message_type.full_name
    if field.enum_type is not None:
        return str(field.enum_type.full_name)
    return {9: "string", 8: "bool", 5: "int32", 3: "int64", 2: "float"}[field.type]


def _repeated(field: FieldDescriptor) -> bool:
    return bool(field.is_repeated) and _type(field) != "map"


if __name__ == "__main__":
    json.dump(extract(), sys.stdout, indent=0, sort_keys=True)
    sys.stdout.write("\n")
