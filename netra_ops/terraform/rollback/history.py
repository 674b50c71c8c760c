"""Which commits were applied before, read from the versions of the state."""

import json
import re
import shutil
import subprocess
from collections.abc import Iterable, Iterator
from pathlib import Path

from netra_ops.errors import SomethingAbsent

OUTPUT = "applied_commit"
LISTING_SECONDS = 60
_COMMIT = re.compile(r"^[0-9a-f]{40}$")


def commit_in(state: str) -> str | None:
    """Return the commit that a state's outputs name, or None."""
    try:
        outputs = json.loads(state).get("outputs", {})
    except ValueError:
        return None
    value = outputs.get(OUTPUT, {}).get("value")
    return value if isinstance(value, str) and _COMMIT.match(value) else None


def previous(current: str | None, states: Iterable[str]) -> str | None:
    """Return the commit applied last before ``current``.

    Args:
        current: the commit applied now; None when the state does not say.
        states: texts of earlier states, newest first.
    """
    for state in states:
        commit = commit_in(state)
        if commit is not None and commit != current:
            return commit
    return None


def local_states(directory: Path) -> Iterator[str]:
    """Yield a local state and the one before, which terraform keeps beside it."""
    for name in ("terraform.tfstate", "terraform.tfstate.backup"):
        file = directory / name
        if file.exists():
            yield file.read_text(encoding="utf-8")


def bucket_states(bucket: str, prefix: str, most: int = 50) -> Iterator[str]:
    """Yield the states in a bucket with object versioning, newest first.

    Raises:
        SomethingAbsent: no gcloud, or the bucket cannot be read.
    """
    gcloud = shutil.which("gcloud")
    if gcloud is None:
        raise SomethingAbsent(
            "there is no gcloud on PATH to read earlier states with",
            remedy="install the Google Cloud CLI, or name the commit with --to",
        )
    path = "/".join(part for part in (f"gs://{bucket}", prefix, "default.tfstate") if part)
    versions = _gcloud(gcloud, "ls", "--all-versions", path).split()
    for version in sorted(versions, key=generation, reverse=True)[:most]:
        yield _gcloud(gcloud, "cat", version)


def generation(version: str) -> int:
    """Return the generation in ``gs://bucket/object#1764100000000000``, 0 without one."""
    number = version.rpartition("#")[2]
    return int(number) if number.isdecimal() else 0


def _gcloud(gcloud: str, *arguments: str) -> str:
    done = subprocess.run(
        [gcloud, "storage", *arguments],
        capture_output=True,
        text=True,
        check=False,
        timeout=LISTING_SECONDS,
    )
    if done.returncode != 0:
        last = (done.stderr.strip().splitlines() or ["no output"])[-1]
        raise SomethingAbsent(
            f"earlier states cannot be read: {last}",
            remedy="sign in with gcloud auth login, or name the commit with --to",
        )
    return done.stdout
