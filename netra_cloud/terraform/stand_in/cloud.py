"""What an apply leaves behind: compute objects and Cloud Run services in one file.

Several stand-in processes may follow each other (plan, apply, destroy); the file is what lasts.
"""

import json
import tempfile
from pathlib import Path

from netra_cloud.compute.api import ComputeApi
from netra_cloud.compute.objects import ComputeObjects, Json, Key

_REGIONLESS = ""


class CloudFile:
    """A project's objects, read from and written to a JSON file."""

    def __init__(self, file: Path, project: str) -> None:
        self.file = file
        self.run_services: dict[str, Json] = {}
        objects = ComputeObjects(project)
        if file.exists():
            document = json.loads(file.read_text(encoding="utf-8"))
            self.run_services = document["run_services"]
            for entry in document["compute"]:
                key = Key(entry["collection"], entry["name"], entry["region"] or None)
                objects.by_key[key] = entry["body"]
        self.compute = ComputeApi(objects)

    def save(self) -> None:
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
        self.file.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(
            "w", dir=self.file.parent, delete=False, encoding="utf-8"
        ) as stream:
            json.dump(document, stream, indent=1)
        Path(stream.name).replace(self.file)
