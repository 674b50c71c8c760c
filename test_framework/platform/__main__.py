"""``python -m test_framework.platform``: a platform for tests of another language.

Prints one line of JSON, ``{"url": ..., "dataDir": ...}``, when everything is ready, and stops
everything when its standard input ends, so that it cannot outlive whoever started it.
"""

import json
import shutil
import sys
import tempfile
from pathlib import Path

from test_framework.platform.model_server import model_server
from test_framework.platform.stack import running_stack


def main() -> None:
    """Run until standard input ends."""
    data_dir = Path(tempfile.mkdtemp(prefix="netra-platform-"))
    data_dir.chmod(0o711)  # root's PostgreSQL runs as user `nobody`, which must pass through
    try:
        with model_server() as model_url, running_stack(data_dir, model_url) as stack:
            sys.stdout.write(json.dumps({"url": stack.url, "dataDir": str(data_dir)}) + "\n")
            sys.stdout.flush()
            sys.stdin.read()
    finally:
        shutil.rmtree(data_dir, ignore_errors=True)


if __name__ == "__main__":
    main()
