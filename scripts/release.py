#!/usr/bin/env python3
"""Prepare a release; see ``scripts/release.py --help``."""

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from netra_ops.versioning.command import main  # noqa: E402  # the path above

if __name__ == "__main__":
    sys.exit(main(ROOT))
