"""What an apply leaves behind: compute objects and Cloud Run services in one file.

Several stand-in processes may follow each other (plan, apply, destroy) or work side by side (google
and google-beta); the file is what lasts, and each change is made under its lock.
"""

import fcntl
import json
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from netra_cloud.compute.api import ComputeApi
from netra_cloud.compute.objects import ComputeObjects, Json, Key

_REGIONLESS = ""


class CloudFile:
    """A project's objects, read from and written to a JSON file."""

    def __init__(self, file: Path, project: str) -> None:
        self.file = file
        self._project = project
        self.run_services: dict[str, Json] = {}
        self.compute = ComputeApi(ComputeObjects(project), complete=False)
        self.reload()

    def reload(self) -> None:
        """Read what another process may have written since."""
        objects = ComputeObjects(self._project)
        self.run_services = {}
        if self.file.exists():
            document = json.loads(self.file.read_text(encoding="utf-8"))
            self.run_services = document["run_services"]
            for entry in document["compute"]:
                key = Key(entry["collection"], entry["name"], entry["region"] or None)
                objects.by_key[key] = entry["body"]
        self.compute = ComputeApi(objects, complete=False)

    @contextmanager
    def changing(self) -> Iterator[None]:
        """Make one change: alone, on what is there now, written if the block succeeds."""
        self.file.parent.mkdir(parents=True, exist_ok=True)
        with self.file.with_name(f"{self.file.name}.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)  # released when the file is closed
            self.reload()
            yield
            self._save()

    def _save(self) -> None:
        """Write everything; a reader sees the old file or the new one."""
        document = {
            "project": self.compute.objects.project,
            "compute": [
                {
                    "collection": key.collection,
                    "name": key.name,
                    "region": key.region or _REGIONLESS,
                    "body": body,
                }
                for key, body in sorted(
                    self.compute.objects.by_key.items(), key=lambda item: item[1]["selfLink"]
                )
            ],
            "run_services": dict(sorted(self.run_services.items())),
        }
        with tempfile.NamedTemporaryFile(
            "w", dir=self.file.parent, delete=False, encoding="utf-8"
        ) as stream:
            json.dump(document, stream, indent=1)
        Path(stream.name).replace(self.file)
