"""Writes the APIs' constraints again: ``python -m netra_cloud.terraform.api_update DIR``.

The directory holds the pinned wheels, which need not be installed::

    pip download --no-deps -d DIR google-cloud-compute==1.57.0 google-cloud-run==0.16.2
"""

import argparse
import hashlib
import json
import sys
import zipfile
from pathlib import Path

from netra_cloud.terraform.api_extract import Facts, extract
from netra_cloud.terraform.api_facts import APIS, Api


def read_wheel(wheel: Path, api: Api) -> str:
    """Return the source of the API's messages in the pinned wheel.

    Raises:
        ValueError: the file is not the pinned wheel.
    """
    digest = hashlib.sha256(wheel.read_bytes()).hexdigest()
    if digest != api.origin.sha256:
        raise ValueError(f"{wheel.name} has sha256 {digest}, expected {api.origin.sha256}")
    with zipfile.ZipFile(wheel) as archive:
        names = sorted(name for name in archive.namelist() if name.startswith(api.sources))
        return "\n".join(_without_future(archive.read(name).decode()) for name in names)


def _without_future(source: str) -> str:
    """Return a file so that it may follow another one: such an import must be the first line."""
    return source.replace("from __future__ import annotations", "")


def document(facts: Facts, api: Api) -> str:
    """Return the document to vendor: one message a line after the origin."""
    head = json.dumps({"origin": api.origin.as_json()}, sort_keys=True)
    lines = [json.dumps([name, fields], sort_keys=True) for name, fields in facts.items()]
    return "\n".join([head, *lines, ""])


def main(arguments: list[str] | None = None) -> int:
    """Rewrite the data files; 0 on success."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("directory", type=Path)
    options = parser.parse_args(arguments)
    for api in APIS:
        origin = api.origin
        name = f"{origin.package.replace('-', '_')}-{origin.version}-py3-none-any.whl"
        facts = extract(read_wheel(options.directory / name, api), api.roots, api.prefix)
        api.file.write_text(document(facts, api))
        sys.stdout.write(f"{api.file.name}: {len(facts)} messages\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
