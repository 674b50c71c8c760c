"""Writes the vendored schema again: ``python -m netra_cloud.terraform.schema_update WHEEL``.

The wheel comes from the package index and is not installed::

    pip download --no-deps cdktn-provider-google==21.1.0
"""

import argparse
import hashlib
import io
import json
import sys
import tarfile
import zipfile
from pathlib import Path

from netra_cloud.terraform.schema import ORIGIN, SCHEMA_FILE, Origin
from netra_cloud.terraform.schema_extract import Schema, extract, select

TYPES_FILE = SCHEMA_FILE.with_name("types.txt")


def read_wheel(wheel: Path, origin: Origin) -> dict[str, str]:
    """Return the JavaScript of each type, its files concatenated, from the pinned wheel.

    Raises:
        ValueError: the file is not the pinned wheel.
    """
    content = wheel.read_bytes()
    digest = hashlib.sha256(content).hexdigest()
    if digest != origin.sha256:
        raise ValueError(f"{wheel.name} has sha256 {digest}, expected {origin.sha256}")
    sources: dict[str, list[tuple[str, str]]] = {}
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        bundle = next(name for name in archive.namelist() if name.endswith(".jsii.tgz"))
        with tarfile.open(fileobj=io.BytesIO(archive.read(bundle)), mode="r:gz") as package:
            for member in package:
                parts = member.name.split("/")  # package/lib/<type>/…/x.js
                if parts[1:2] != ["lib"] or not member.name.endswith(".js") or len(parts) < 4:  # noqa: PLR2004
                    continue
                file = package.extractfile(member)
                if file is not None:
                    text = file.read().decode()
                    sources.setdefault(parts[2], []).append((member.name, text))
    return {name: "".join(text for _, text in sorted(files)) for name, files in sources.items()}


def wanted_types() -> set[str]:
    """Return the resource types named in ``types.txt``, one a line, ``#`` begins a comment."""
    lines = TYPES_FILE.read_text().splitlines()
    return {name for line in lines if (name := line.partition("#")[0].strip())}


def build(sources: dict[str, str], types: set[str]) -> Schema:
    """Return the document to vendor.

    Raises:
        KeyError: a wanted type is not in the package.
    """
    by_type = {f"google_{folder.replace('-', '_')}": folder for folder in sources}
    folders = select({name: {"folder": folder} for name, folder in by_type.items()}, types)
    return {
        "origin": ORIGIN.as_json(),
        "provider": extract(sources["provider"]),
        "resource_schemas": {name: extract(sources[by_type[name]]) for name in folders},
    }


def dump(document: Schema) -> str:
    """Return the document as JSON with one line a type, so that a new version reads as a diff."""
    lines = [
        f"{json.dumps(name)}: {json.dumps(schema, separators=(',', ':'), sort_keys=True)}"
        for name, schema in sorted(document["resource_schemas"].items())
    ]
    return (
        f'{{"origin": {json.dumps(document["origin"])},\n'
        f'"provider": {json.dumps(document["provider"], separators=(",", ":"), sort_keys=True)},\n'
        '"resource_schemas": {\n' + ",\n".join(lines) + "\n}}\n"
    )


def main(arguments: list[str] | None = None) -> int:
    """Rewrite ``schema_data``; 0 on success."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("wheel", type=Path)
    options = parser.parse_args(arguments)
    document = build(read_wheel(options.wheel, ORIGIN), wanted_types())
    SCHEMA_FILE.write_text(dump(document))
    sys.stdout.write(f"{SCHEMA_FILE.name}: {len(document['resource_schemas'])} types\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
