"""Runs ``python -m pytest ...`` with a Python that has no pytest, as typed in the guide.

This folder has no ``__init__.py``: it is a namespace package, and an installed pytest always takes
precedence over it (https://docs.python.org/3/reference/import.html#namespace-packages). So this
file runs only where Python would otherwise report that there is no module named pytest. It starts
the same command in the environment of this checkout, which ``./netra`` creates when it is missing.
"""

import os
import sys
from pathlib import Path

NETRA = Path(__file__).resolve().parent.parent / "netra"

sys.stderr.write("netra: this Python has no pytest; running ./netra pytest\n")
os.execv("/bin/sh", ["sh", str(NETRA), "pytest", *sys.argv[1:]])  # noqa: S606  its exit status is ours
