"""Writes the vendored schemas again: ``python -m netra_cloud.terraform.schema_update DIRECTORY``.

The directory holds the pinned wheels, which are not installed::

    pip download --no-deps -d DIRECTORY cdktn-provider-google==21.1.0 …
"""

import argparse
import gzip
import hashlib
import io
import json
import re
import sys
import tarfile
import zipfile
from pathlib import Path

from netra_cloud.terraform.schema import ORIGINS, Origin, schema_file
from netra_cloud.terraform.schema_extract import Schema, extract

_TYPE = re.compile(r'tfResourceType = "(\w+)"')
_COMPRESSION = 9


def read_wheel(wheel: Path, origin: Origin) -> dict[str, str]:
    """Return the JavaScript of each folder of the pinned wheel, its files concatenated.

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
                parts = member.name.split("/")  # package/lib/<folder>/…/x.js
                if parts[1:2] != ["lib"] or not member.name.endswith(".js") or len(parts) < 4:  # noqa: PLR2004
                    continue
                file = package.extractfile(member)
                if file is not None:
                    text = file.read().decode()
                    sources.setdefault(parts[2], []).append((member.name, text))
    return {name: "".join(text for _, text in sorted(files)) for name, files in sources.items()}


def build(sources: dict[str, str], origin: Origin) -> str:
    """Return the document to vendor: one JSON value a line.

    The first line has the origin and the provider block; each other line is
    ``[kind, type, schema]`` with the kind ``resource`` or ``data``.
    """
    head = {"origin": origin.as_json(), "provider": extract(sources["provider"])}
    entries: list[tuple[str, str, Schema]] = []
    for folder, text in sources.items():
        found = _TYPE.search(text)
        if found is None or folder == "provider" or folder.startswith("ephemeral-"):
            continue
        # The folder of google_data_fusion_instance starts with data- as well.
        prefix = found.group(1).partition("_")[0]
        kind = "data" if f"{folder}-".startswith(f"data-{prefix}-") else "resource"
        entries.append((kind, found.group(1), extract(text)))
    lines = [
        json.dumps(entry, separators=(",", ":"), sort_keys=True)
        for entry in sorted(entries, key=lambda e: e[:2])
    ]
    return "\n".join([json.dumps(head, separators=(",", ":"), sort_keys=True), *lines, ""])


def main(arguments: list[str] | None = None) -> int:
    """Rewrite ``schema_data``; 0 on success."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("directory", type=Path)
    options = parser.parse_args(arguments)
    for origin in ORIGINS.values():
        wheel = next(
            options.directory.glob(f"{origin.package.replace('-', '_')}-{origin.version}-*")
        )
        text = build(read_wheel(wheel, origin), origin)
        content = gzip.compress(text.encode(), _COMPRESSION, mtime=0)
        schema_file(origin).write_bytes(content)
        sys.stdout.write(f"{origin.provider}: {text.count(chr(10)) - 1} types\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
