"""The end of every generator: writes what is out of date, or only reports it."""

import argparse
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path


def write_or_check(
    wanted: Mapping[Path, str], command: str, arguments: Sequence[str] | None = None
) -> int:
    """Bring files up to date and return 0; with ``--check`` change nothing, return 1 if one is not.

    Args:
        wanted: text by file.
        command: the generator as it is called, for ``--help`` and for the message to run it.
        arguments: of the command line; this process's when None.
    """
    names = ", ".join(path.name for path in wanted)
    parser = argparse.ArgumentParser(
        prog=command,
        description=f"Write {names} from the code.",
        epilog=f"examples: python {command}; python {command} --check",
    )
    parser.add_argument("--check", action="store_true", help="change nothing; 1 when out of date")
    options = parser.parse_args(arguments)
    stale = [path for path, text in wanted.items() if not path.exists() or path.read_text() != text]
    for path in stale:
        if options.check:
            sys.stdout.write(f"{path} is out of date; run python {command}\n")
        else:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(wanted[path])
    return 1 if options.check and stale else 0
