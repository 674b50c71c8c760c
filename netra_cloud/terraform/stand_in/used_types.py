"""Which types a working directory of Terraform names.

The schema of all types takes seconds to read and to send; a configuration uses a few.
"""

import json
import os
import re
from collections.abc import Iterator
from pathlib import Path

_NAME = re.compile(r"\bgoogle_\w+")
_SUFFIXES = (".tf", ".tf.json", ".tfstate", ".tfplan", ".tftest.hcl")
MAX_FILES = 20_000  # of a tree with fetched modules; beyond that every type is offered


def used_types(directory: Path, known: list[str]) -> list[str]:
    """Return the types of ``known`` that a file of the directory or of its modules names.

    A saved plan is compressed, so with one in the directory every type is returned.

    Args:
        directory: where terraform runs; ``.terraform/modules`` in it is read too.
        known: every type there is a schema of.
    """
    named: set[str] = set()
    count = 0
    for folder, files in _folders(directory):
        for file in files:
            count += 1
            if count > MAX_FILES or file.endswith(".tfplan"):
                return known
            if file.endswith(_SUFFIXES):
                named.update(_NAME.findall(_text(Path(folder) / file)))
    return [name for name in known if name in named]


def _folders(directory: Path) -> Iterator[tuple[str, list[str]]]:
    """Yield every folder to read with its files: the tree, and modules outside of it."""
    for folder, _, files in os.walk(directory, followlinks=True):
        yield folder, files
    try:
        manifest = json.loads((directory / ".terraform/modules/modules.json").read_text())
        listed = [directory / str(entry["Dir"]) for entry in manifest["Modules"]]
    except (OSError, ValueError, KeyError, TypeError):
        return  # no module was called
    for module in listed:
        if module.is_dir():
            yield str(module), [file.name for file in module.iterdir()]


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
