"""Images for a local Cloud Run: the sources as a directory, with the command of the Dockerfile."""

import asyncio
import shutil
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from netra_ops.deploy.build.builder import Report
from netra_ops.deploy.build.earlier_chunks import EarlierChunks
from netra_ops.deploy.build.sources import INPUTS, source_files
from netra_ops.deploy.errors import DeployFailed
from netra_ops.errors import NotRunning
from netra_ops.frontend.build import add_earlier, build_frontend
from netra_ops.frontend.node import find_node

REPOSITORY = "netra-local"
CALL_SECONDS = 60.0  # it copies the tree: some 30 MB
_PAGES = ("package.json", "server", "out")  # what dockerfiles/frontend.Dockerfile keeps
_MODULES = {"auth": "auth_service", "backend": "netra_backend"}


@dataclass(frozen=True)
class LocalBuilder:
    """Makes directories that a local Cloud Run executes; the same sources are not copied twice.

    Attributes:
        root: the checkout.
        endpoint: of the local Cloud Run.
        earlier: the hashed files that the pages keep.
    """

    root: Path
    endpoint: str
    earlier: EarlierChunks = field(default_factory=EarlierChunks)

    def planned(self, role: str) -> str:
        """Return the image of the present sources, if the local Cloud Run has it."""
        wanted = (self._name(role), self._tag(role))
        builds = self._call("GET").get("builds", ())
        return next(
            (f"{b['name']}@{b['digest']}" for b in builds if (b["name"], b["tag"]) == wanted), ""
        )

    def build(self, role: str, *, force: bool, report: Report) -> str:
        """Copy the sources, build the pages if it is the frontend, and register both."""
        if not force and (existing := self.planned(role)):
            report(f"{role}: the local Cloud Run has the image of these sources")
            return existing
        with tempfile.TemporaryDirectory(prefix="netra-image-") as folder:
            tree = Path(folder) / role
            command, environment = self._prepare(role, tree, report, force=force)
            image = self._call(
                "POST",
                {
                    "name": self._name(role),
                    "directory": str(tree),
                    "command": [str(word) for word in command],
                    "env": dict(environment),
                    "tag": self._tag(role),
                },
            )["image"]
        report(f"{role}: {image}")
        return str(image)

    def _prepare(
        self, role: str, tree: Path, report: Report, *, force: bool
    ) -> tuple[Sequence[object], Mapping[str, str]]:
        tree.mkdir()
        if role in _MODULES:
            for name in source_files(self.root, INPUTS[role]):
                target = tree / name
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(self.root / name, target)
            return [sys.executable, "-m", _MODULES[role]], {"PYTHONUNBUFFERED": "1"}
        pages, log = self.root / "frontend", tree.parent / "build.log"
        asyncio.run(build_frontend(pages, log, report, clean=force))
        for name in _PAGES:
            source = pages / name
            copy = shutil.copytree if source.is_dir() else shutil.copyfile
            copy(source, tree / name)
        earlier = tree.parent / "earlier"
        self.earlier.fetch(earlier, report)
        asyncio.run(add_earlier(pages, tree / "out", earlier, log))
        return [find_node(), "server/main.ts", "out"], {"NODE_ENV": "production"}

    def _name(self, role: str) -> str:
        return f"{REPOSITORY}/netra-{role}"

    def _tag(self, role: str) -> str:
        return self.earlier.tag(self.root, role)

    def _call(self, method: str, body: Mapping[str, Any] | None = None) -> Mapping[str, Any]:
        try:
            answer = httpx.request(
                method, f"{self.endpoint}/local/v1/builds", json=body, timeout=CALL_SECONDS
            )
        except httpx.TransportError as error:
            raise NotRunning(
                f"the local Cloud Run at {self.endpoint} does not answer: {error}",
                remedy="start it with: netra cloud up",
            ) from error
        if answer.is_error:
            raise DeployFailed(
                f"the local Cloud Run took no build: status {answer.status_code}",
                remedy="is it one of this version? netra cloud up",
            )
        return dict(answer.json())
