"""``python -m auth_service``: serve until SIGTERM."""

import sys

from netra_shared.runtime import quick_start

quick_start.prepare()

from auth_service.app.serving import run  # noqa: E402  the burst that begins above

if __name__ == "__main__":
    sys.exit(run())
