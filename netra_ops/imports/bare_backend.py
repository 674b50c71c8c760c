"""``python -m netra_ops.imports.bare_backend``: the backend without its list of lazy modules."""

import sys

from netra_backend.app.core.module_preloader import (
    get_stable_module,
    preload_modules_for_cloud_run,
)
from netra_backend.app.worker.launch import BARE
from netra_shared.runtime import quick_start


def main() -> int:
    """Serve until SIGTERM; what is imported meanwhile is logged."""
    quick_start.prepare("email_validator")
    preload_modules_for_cloud_run(packages_only=True)
    status: int = get_stable_module("netra_backend.app.core.serving").run([BARE])
    return status


if __name__ == "__main__":
    sys.exit(main())
