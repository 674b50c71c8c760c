"""Which types a working directory of Terraform names.

The schema of all types takes seconds to read and to send; a configuration uses a few.
"""

import re
from pathlib import Path

from netra_cloud.terraform.stand_in.survey import module_directories

_NAME = re.compile(r"\b[a-z]+_\w+")
_OF_MODULES = ("*.tf", "*.tf.json")
# State and tests name types too; a test may call modules of its own, which lie below the root.
_OF_ROOT = ("*.tfstate", "*.tftest.hcl", "tests/**/*.tftest.hcl", "tests/**/*.tf")


def used_types(directory: Path, known: list[str]) -> list[str]:
    """Return the types of ``known`` that a file of the directory or of its modules names.

    A saved plan is compressed, so with one in the directory every type is returned.

    Args:
        directory: where terraform runs; ``.terraform/modules`` in it is read too.
        known: every type there is a schema of.
    """
    if any(directory.glob("*.tfplan")):
        return known
    files = [file for pattern in _OF_ROOT for file in directory.glob(pattern)]
    for module in module_directories(directory):
        files += [file for pattern in _OF_MODULES for file in module.glob(pattern)]
    named = {name for file in files for name in _NAME.findall(_text(file))}
    return [name for name in known if name in named]


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
