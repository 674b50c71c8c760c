#!/usr/bin/env python3
"""Watches connections from outside: success rate, latencies, close codes, verdict.

python scripts/websocket_connection_monitor.py --environment ENV --duration 60s
    [--success-rate-threshold 95]
"""

import sys

from netra_ops.exit_status import exit_status_of
from netra_ops.monitor.command import app

if __name__ == "__main__":
    sys.exit(exit_status_of(lambda: app(prog_name="websocket_connection_monitor.py")))
