"""``python -m netra_backend``: preload everything, then serve until SIGTERM."""

import sys

from netra_backend.app.core.module_preloader import (
    get_stable_module,
    preload_modules_for_cloud_run,
)
from netra_shared.runtime import quick_start


def main() -> int:
    """Return the exit status of ``serving.run``."""
    # Nothing but the preloader is imported above, so its report shows what each module costs.
    quick_start.prepare("email_validator")  # FastAPI imports it; no schema has an address
    preload_modules_for_cloud_run()
    status: int = get_stable_module("netra_backend.app.core.serving").run()
    return status


if __name__ == "__main__":
    sys.exit(main())
