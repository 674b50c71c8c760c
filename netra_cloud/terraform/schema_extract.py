"""Reads the google provider's argument schema out of the CDK bindings published on PyPI.

HashiCorp publishes the provider's schema only through the provider binary. The package
``cdktn-provider-google`` is generated from it, and its JavaScript keeps everything: two functions
per block (`…ToHclTerraform`, `synthesizeHclAttributes`) say what is a block and how it nests, and
a comment over each accessor says what is required, optional or computed. The result has the shape
of ``terraform providers schema -json``, so that the genuine thing can be put in its place.

Pure: JavaScript text in, values out. ``schema_update`` does the reading and writing.
"""

import re
from typing import Any

_FLAGGED = re.MULTILINE | re.DOTALL
_FUNCTION = re.compile(r"^function (\w+)ToHclTerraform\(struct\) \{$(.*?)^\}$", _FLAGGED)
_SYNTHESIZE = re.compile(r"^    synthesizeHclAttributes\(\) \{$(.*?)^    \}$", _FLAGGED)
_ENTRY = re.compile(
    r"^ {8,12}(\w+): \{\s+value: (.*?),\s+isBlock: (true|false),\s+type: \"(\w+)\",\s+"
    r"storageClassType: \"(\w+)\",",
    _FLAGGED,
)
_CLASS = re.compile(r"^(?:export )?class (\w+) extends ([\w.]+) \{$(.*?)^\}$", _FLAGGED)
_FLAGS = re.compile(
    r"^    // (\w+) - computed: (true|false), optional: (true|false), required: (true|false)$"
    r"(.*?)(?=^    // \w+ - computed:|\Z)",
    _FLAGGED,
)
_SCALARS = {"string": "string", "number": "number", "boolean": "bool", "any": "dynamic"}
_ACCESSORS = {
    "getStringAttribute": "string",
    "getNumberAttribute": "number",
    "getBooleanAttribute": "bool",
    "getListAttribute": ["list", "string"],
    "getNumberListAttribute": ["list", "number"],
    "getStringMapAttribute": ["map", "string"],
    "getAnyMapAttribute": ["map", "dynamic"],
}
_COMPLEX = {
    "StringMap": ["map", "string"],
    "NumberMap": ["map", "number"],
    "BooleanMap": ["map", "bool"],
    "AnyMap": ["map", "dynamic"],
    "StringMapList": ["list", ["map", "string"]],
    "NumberMapList": ["list", ["map", "number"]],
    "StringListList": ["list", ["list", "string"]],
}

Schema = dict[str, Any]


class Bindings:
    """The parsed JavaScript of one resource."""

    def __init__(self, source: str) -> None:
        self.writers = {
            name.lower(): body for name, body in _FUNCTION.findall(source.replace("exports.", ""))
        }
        self.classes = {name: (base, body) for name, base, body in _CLASS.findall(source)}

    def resource(self) -> Schema:
        """Return the schema of the resource, as ``{"block": {…}}``.

        Raises:
            ValueError: the source holds no resource class.
        """
        for base, body in self.classes.values():
            if base.endswith(("TerraformResource", "TerraformDataSource", "TerraformProvider")):
                synthesized = _SYNTHESIZE.search(body)
                entries = synthesized.group(1) if synthesized else ""
                return {"block": self._block(entries, body, ())}
        raise ValueError("no resource class in this source")

    def _block(self, entries: str, accessors: str, seen: tuple[str, ...]) -> Schema:
        written = {m[0]: m[1:] for m in _ENTRY.findall(entries)}
        attributes: Schema = {}
        blocks: Schema = {}
        for name, computed, optional, required, code in _FLAGS.findall(accessors):
            flags = {
                flag: True
                for flag, value in (
                    ("required", required),
                    ("optional", optional),
                    ("computed", computed),
                )
                if value == "true"
            }
            entry = written.get(name)
            if entry is not None and entry[1] == "true":
                nested = self._nested(entry, seen)
                if nested is not None:
                    blocks[name] = {**nested, **({"min_items": 1} if "required" in flags else {})}
                continue
            attributes[name] = {"type": self._attribute_type(entry, code, seen), **flags}
        block: Schema = {"attributes": dict(sorted(attributes.items()))}
        if blocks:
            block["block_types"] = dict(sorted(blocks.items()))
        return block

    def _nested(self, entry: tuple[str, ...], seen: tuple[str, ...]) -> Schema | None:
        value, _, kind, storage = entry
        writer = re.search(r"(\w+)ToHclTerraform", value)
        struct = storage.removesuffix("List")
        name = writer.group(1).lower() if writer else struct.lower()
        if seen.count(name) > 0:
            return None  # four schemas of the provider contain themselves; Terraform's do not
        body = self.writers.get(name, "")
        output = self.classes.get(f"{struct}OutputReference", ("", ""))[1]
        mode = "single" if kind == "struct" else kind
        nested: Schema = {
            "nesting_mode": mode,
            "block": self._block(body, output, (*seen, name)),
        }
        if kind == "list" and "listMapper" not in value:
            nested["max_items"] = 1
        return nested

    def _attribute_type(
        self, entry: tuple[str, ...] | None, code: str, seen: tuple[str, ...]
    ) -> Any:
        if entry is not None:
            _, _, kind, storage = entry
            if kind == "simple":
                return _SCALARS[storage]
            element = re.sub(r"(List|Map)$", "", storage)
            if element in _SCALARS:
                return [kind, _SCALARS[element]]
        made = re.search(r"new (?:\w+\.)?(\w+)\(this, \"\w+\"(?:, (true|false))?\)", code)
        if made is not None:
            return self._computed_type(made.group(1), wraps_set=made.group(2) == "true", seen=seen)
        accessor = re.search(r"this\.(\w+)\('\w+'\)", code)
        if accessor is None:
            raise ValueError(f"no accessor in {code[:80]!r}")
        listed = _ACCESSORS[accessor.group(1)]
        if "Fn.tolist" in code and isinstance(listed, list):
            return ["set", listed[1]]
        return listed

    def _computed_type(self, name: str, *, wraps_set: bool, seen: tuple[str, ...]) -> Any:
        if name in _COMPLEX:
            return _COMPLEX[name]
        struct = name.removesuffix("List").removesuffix("OutputReference")
        if struct in seen:
            return "dynamic"
        output = self.classes[f"{struct}OutputReference"][1]
        fields = {
            field: self._attribute_type(None, code, (*seen, struct))
            for field, _, _, _, code in _FLAGS.findall(output)
        }
        return ["set" if wraps_set else "list", ["object", fields]]


def extract(source: str) -> Schema:
    """Return the schema of the one resource in ``source`` (all its files concatenated)."""
    return Bindings(source).resource()
