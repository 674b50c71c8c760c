#!/usr/bin/env python3
"""Loads the platform with users that speak the real protocol, and judges the result.

python scripts/websocket_load_test.py --concurrent 10 --duration 60s [--environment ENV]
"""

import sys

from netra_ops.exit_status import exit_status_of
from netra_ops.load.command import app

if __name__ == "__main__":
    sys.exit(exit_status_of(lambda: app(prog_name="websocket_load_test.py")))
