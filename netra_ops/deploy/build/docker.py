"""Images for Google: Docker builds and pushes to Artifact Registry, or Cloud Build does both."""

import json
import re
import shutil
import subprocess
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from netra_ops.deploy.build.builder import Report
from netra_ops.deploy.build.earlier_chunks import FOLDER, EarlierChunks
from netra_ops.deploy.errors import DeployFailed
from netra_ops.errors import SomethingAbsent

BUILD_SECONDS = 1800.0
ASK_SECONDS = 60.0
SHOWN_LINES = 20
_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")


@dataclass(frozen=True)
class DockerBuilder:
    """Builds with the Docker of this machine and pushes to Artifact Registry.

    Attributes:
        root: the checkout.
        repository: such as ``us-central1-docker.pkg.dev/netra-staging/netra``.
        earlier: the hashed files that the pages keep.
    """

    root: Path
    repository: str
    earlier: EarlierChunks = field(default_factory=EarlierChunks)

    def planned(self, role: str) -> str:
        """Return the image of the present sources, if the registry has it."""
        if shutil.which("docker") is None:
            return ""
        asked = _run(["docker", "buildx", "imagetools", "inspect", "--format", "{{json .}}",
                      self._tag(role)], self.root, ASK_SECONDS)  # fmt: skip
        found = _DIGEST.search(asked.stdout) if asked.returncode == 0 else None
        return f"{self._name(role)}@{found[0]}" if found else ""

    def build(self, role: str, *, force: bool, report: Report) -> str:
        """Build and push; the tag names the digest of the sources."""
        if shutil.which("docker") is None:
            raise SomethingAbsent(
                "there is no docker on this machine",
                remedy="install it, or leave --build-local out to build with Cloud Build",
            )
        if not force and (existing := self.planned(role)):
            report(f"{role}: the registry has the image of these sources")
            return existing
        if role == "frontend":
            self.earlier.fetch(self.root / FOLDER, report)
        report(f"{role}: docker build {self._tag(role)}")
        with tempfile.NamedTemporaryFile(suffix=".json") as metadata:
            command = docker_build(role, self._tag(role), metadata.name, force=force)
            done = _run(command, self.root, BUILD_SECONDS)
            if done.returncode != 0:
                raise _failed(f"docker build of {role}", done)
            digest = json.loads(Path(metadata.name).read_text())["containerimage.digest"]
        return f"{self._name(role)}@{digest}"

    def _name(self, role: str) -> str:
        return f"{self.repository}/netra-{role}"

    def _tag(self, role: str) -> str:
        return f"{self._name(role)}:{self.earlier.tag(self.root, role)}"


@dataclass(frozen=True)
class CloudBuilder:
    """Lets Cloud Build make and push the image; needs no Docker here.

    Attributes:
        root: the checkout.
        repository: such as ``us-central1-docker.pkg.dev/netra-staging/netra``.
        project: where the build runs.
        earlier: the hashed files that the pages keep.
    """

    root: Path
    repository: str
    project: str
    earlier: EarlierChunks = field(default_factory=EarlierChunks)

    def planned(self, role: str) -> str:
        """Return the image of the present sources, if the registry has it."""
        if shutil.which("gcloud") is None:
            return ""
        asked = _run(["gcloud", "artifacts", "docker", "images", "describe", self._tag(role),
                      "--project", self.project, "--format=value(image_summary.digest)"],
                     self.root, ASK_SECONDS)  # fmt: skip
        found = _DIGEST.search(asked.stdout) if asked.returncode == 0 else None
        return f"{self.repository}/netra-{role}@{found[0]}" if found else ""

    def build(self, role: str, *, force: bool, report: Report) -> str:
        """Submit the build and wait for it."""
        if shutil.which("gcloud") is None:
            raise SomethingAbsent(
                "there is no gcloud on this machine",
                remedy="install it, or build with Docker: --build-local",
            )
        if not force and (existing := self.planned(role)):
            report(f"{role}: the registry has the image of these sources")
            return existing
        if role == "frontend":
            self.earlier.fetch(self.root / FOLDER, report)
        report(f"{role}: gcloud builds submit {self._tag(role)}")
        with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
            json.dump(cloud_build(role, self._tag(role), force=force), file)
            file.flush()
            done = _run(["gcloud", "builds", "submit", ".", "--project", self.project,
                         "--config", file.name], self.root, BUILD_SECONDS)  # fmt: skip
        if done.returncode != 0:
            raise _failed(f"Cloud Build of {role}", done)
        built = self.planned(role)
        if not built:
            raise DeployFailed(
                f"Cloud Build of {role} ended, and the registry has no {self._tag(role)}",
                remedy=f"look at: gcloud builds list --project {self.project}",
            )
        return built

    def _tag(self, role: str) -> str:
        return f"{self.repository}/netra-{role}:{self.earlier.tag(self.root, role)}"


def docker_build(role: str, tag: str, metadata: str, *, force: bool) -> list[str]:
    """Return the command that builds and pushes; ``metadata`` gets the digest as JSON."""
    command = ["docker", "buildx", "build", "--push", "--file", f"dockerfiles/{role}.Dockerfile"]
    command += ["--tag", tag, "--metadata-file", metadata]
    return [*command, *(["--no-cache"] if force else []), "."]


def cloud_build(role: str, tag: str, *, force: bool) -> dict[str, Any]:
    """Return the configuration of Cloud Build.

    Source: https://docs.cloud.google.com/build/docs/build-config-file-schema
    """
    arguments = ["build", "-f", f"dockerfiles/{role}.Dockerfile", "-t", tag]
    arguments += [*(["--no-cache"] if force else []), "."]
    step = {"name": "gcr.io/cloud-builders/docker", "args": arguments}
    return {"steps": [step], "images": [tag]}


def _run(command: list[str], root: Path, seconds: float) -> "subprocess.CompletedProcess[str]":
    try:
        return subprocess.run(
            command, cwd=root, capture_output=True, text=True, check=False, timeout=seconds
        )
    except subprocess.TimeoutExpired as error:
        raise DeployFailed(
            f"{' '.join(command[:3])} was not done after {seconds:g} s",
            remedy="try again; if it hangs, look at the builder itself",
        ) from error


def _failed(what: str, done: "subprocess.CompletedProcess[str]") -> DeployFailed:
    lines = (done.stdout + done.stderr).splitlines()[-SHOWN_LINES:]
    return DeployFailed(
        f"{what} failed with status {done.returncode}:\n" + "\n".join(lines),
        remedy="correct what the lines above name; nothing was deployed",
    )
