"""Writes the compute API's constraints again: ``python -m netra_cloud.terraform.api_update DIR``.

The directory holds the pinned wheel, which is not installed::

    pip download --no-deps -d DIR google-cloud-compute==1.57.0
"""

import argparse
import hashlib
import json
import sys
import zipfile
from pathlib import Path

from netra_cloud.terraform.api_extract import Facts, extract
from netra_cloud.terraform.api_facts import FILE, ORIGIN

_SOURCE = "google/cloud/compute_v1/types/compute.py"


def read_wheel(wheel: Path) -> str:
    """Return the source of the API's messages in the pinned wheel.

    Raises:
        ValueError: the file is not the pinned wheel.
    """
    digest = hashlib.sha256(wheel.read_bytes()).hexdigest()
    if digest != ORIGIN.sha256:
        raise ValueError(f"{wheel.name} has sha256 {digest}, expected {ORIGIN.sha256}")
    with zipfile.ZipFile(wheel) as archive:
        return archive.read(_SOURCE).decode()


def document(facts: Facts) -> str:
    """Return the document to vendor: one message a line after the origin."""
    head = json.dumps({"origin": ORIGIN.as_json()}, sort_keys=True)
    lines = [json.dumps([name, fields], sort_keys=True) for name, fields in facts.items()]
    return "\n".join([head, *lines, ""])


def main(arguments: list[str] | None = None) -> int:
    """Rewrite the data file; 0 on success."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("directory", type=Path)
    options = parser.parse_args(arguments)
    wheel = options.directory / f"google_cloud_compute-{ORIGIN.version}-py3-none-any.whl"
    facts = extract(read_wheel(wheel))
    FILE.write_text(document(facts))
    sys.stdout.write(f"{FILE.name}: {len(facts)} messages\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
