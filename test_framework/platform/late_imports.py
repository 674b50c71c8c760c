"""What the services imported after they had started to serve, read from their logs."""

import json
from collections.abc import Iterable
from pathlib import Path

from netra_shared.runtime.late_imports import MESSAGE


def late_imports_in(logs: Iterable[Path]) -> list[str]:
    """Return ``module by importer (file)`` for every late import in ``logs``."""
    found = []
    for log in logs:
        for line in log.read_text(errors="replace").splitlines():
            if MESSAGE in line and line.startswith("{"):
                record = json.loads(line)
                if record.get("message", record.get("event")) == MESSAGE:
                    found.append(f"{record['module']} by {record['importer']} ({log.name})")
    return found
