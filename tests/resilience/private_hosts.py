"""A hosts file for one process alone, so that a test can make a name come and go.

A mount namespace binds the test's file over ``/etc/hosts``; root may do that directly, anybody
else inside a user namespace. The resolver reads the file at each look-up.
"""

import os
import shutil
from pathlib import Path

_BIND_AND_RUN = 'mount --bind "$1" /etc/hosts; shift; exec "$@"'


def private_hosts_prefix(hosts: Path) -> list[str]:
    """Return the words that run the command after them with ``hosts`` as its ``/etc/hosts``."""
    unshare = shutil.which("unshare")
    assert unshare, "util-linux is needed: it has unshare(1)"
    namespaces = ["--mount"] if os.geteuid() == 0 else ["--user", "--map-root-user", "--mount"]
    return [unshare, *namespaces, "sh", "-ec", _BIND_AND_RUN, "sh", str(hosts)]
