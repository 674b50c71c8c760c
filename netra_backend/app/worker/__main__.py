"""``python -m netra_backend.app.worker``: what ``python -m netra_backend`` starts.

Internal: it communicates only with its gateway, over the inherited file descriptor.
"""

import signal
import sys

from netra_backend.app.core.module_preloader import get_agents_module, preload_agents
from netra_backend.app.worker.launch import BARE
from netra_backend.app.worker.parent_death import exit_with_parent
from netra_shared.runtime import quick_start


def main() -> int:
    """Return the exit status: 0 after a drain, 78 for an invalid configuration."""
    # A terminal's Ctrl-C or a manager's SIGTERM may reach every process; only the gateway reacts.
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    channel, parent = int(sys.argv[1]), int(sys.argv[2])
    exit_with_parent(parent)
    quick_start.prepare("email_validator")
    report = preload_agents(packages_only=BARE in sys.argv[3:])
    serving = get_agents_module("netra_backend.app.worker.server")
    status: int = serving.run(channel, report)
    return status


if __name__ == "__main__":
    sys.exit(main())
