#!/usr/bin/env python3
"""Runs the tests of a category and refuses every way of passing without them.

python tests/unified_test_runner.py --real-services --category mission_critical

Any Python 3.11 can start it: without the project's test packages it runs ``./netra test``, which
creates the environment of this checkout first.
"""

import os
import sys
from importlib.util import find_spec
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
# One package of each dependency group that the runner imports, and the project itself.
REQUIRED = ("test_framework", "pytest", "playwright", "ag_ui", "argon2", "typer")

if __name__ == "__main__":
    if all(find_spec(name) for name in REQUIRED):
        from test_framework.runner.main import main

        sys.exit(main())
    sys.stderr.write("netra: this Python lacks the test packages; running ./netra test\n")
    os.execv("/bin/sh", ["sh", str(ROOT / "netra"), "test", *sys.argv[1:]])  # noqa: S606  its exit status is ours
