#!/usr/bin/env python3
"""Watches health and sockets; raises and resolves alerts by monitoring-thresholds.yaml.

python scripts/websocket_health_monitor.py --alerts-enabled [--environment ENV] [--once]
"""

import sys

from netra_ops.alerts.command import app
from netra_ops.exit_status import exit_status_of

if __name__ == "__main__":
    sys.exit(exit_status_of(lambda: app(prog_name="websocket_health_monitor.py")))
