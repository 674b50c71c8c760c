#!/usr/bin/env python3
"""Runs the tests of a category and refuses every way of passing without them.

python tests/unified_test_runner.py --real-services --category mission_critical
"""

import sys

from test_framework.runner.main import main

if __name__ == "__main__":
    sys.exit(main())
