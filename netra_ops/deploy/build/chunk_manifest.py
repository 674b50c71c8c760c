"""``/chunks.json`` of the pages as a value: which hashed files the next release keeps.

``frontend/scripts/manifest.ts`` writes it. Open tabs load chunks late, so a release serves those of
the releases before it too. What the public address serves decides, not a folder of this machine:
any machine can deploy.
"""

import hashlib
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

PATH = "/chunks.json"
KEPT = timedelta(days=7)
# The same bound as frontend/scripts/earlier.ts: the server holds the site in memory.
MAX_KEPT_BYTES = 32 * 1024 * 1024
MAX_FILES = 5000  # a release has about 40
# No segment starts with a dot, so no name leads out of the folder of hashed files.
_NAME = r"^_next/static(/[A-Za-z0-9_~@()\[\]-][A-Za-z0-9._~@()\[\]-]*)+$"
_ID_CHARACTERS = 12


class _Value(BaseModel):
    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True, frozen=True)


class HashedFile(_Value):
    """A file whose name changes with its content.

    Attributes:
        path: relative to the site, such as ``_next/static/chunks/x.js``.
        size: its length in bytes.
        sha256: of its content, hexadecimal.
        last_released: when a release last had it; None for files of the release that serves.
    """

    path: str = Field(pattern=_NAME, max_length=300)
    size: int = Field(alias="bytes", ge=0, le=MAX_KEPT_BYTES)
    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")
    last_released: AwareDatetime | None = None

    def describes(self, content: bytes) -> bool:
        """Return whether ``content`` is this file's."""
        found = hashlib.sha256(content).hexdigest()
        return (len(content), found) == (self.size, self.sha256)


class ChunkManifest(_Value):
    """What a site serves.

    Attributes:
        digest: of the sources, as in ``/version.json``; empty when nothing serves.
        kept: identifies the set of files that its build kept; empty for none.
        files: all hashed files, those of earlier releases too.
    """

    digest: str = Field(default="", pattern=r"^([0-9a-f]{64})?$")
    kept: str = Field(default="", pattern=r"^([0-9a-f]{12})?$")
    files: Sequence[HashedFile] = Field(default=(), max_length=MAX_FILES)


def next_kept(serving: ChunkManifest, now: datetime) -> ChunkManifest:
    """Return what a release that replaces ``serving`` keeps: newest first, within the bounds."""
    dated = [
        file.model_copy(update={"last_released": file.last_released or now})
        for file in serving.files
    ]
    return ChunkManifest(kept=_id(young := _young(dated, now)), files=young)


def image_suffix(serving: ChunkManifest, digest: str, now: datetime) -> str:
    """Return what an image's tag needs beyond the sources: the set of files that it keeps.

    Args:
        serving: what the public address serves.
        digest: of the sources that would be deployed.
        now: the present.

    Sources that serve already keep their image, or each deploy would be a new one.
    """
    kept = serving.kept if serving.digest == digest else next_kept(serving, now).kept
    return f"-kept-{kept}" if kept else ""


def _young(dated: Iterable[HashedFile], now: datetime) -> tuple[HashedFile, ...]:
    kept: list[HashedFile] = []
    total = 0
    ordered = sorted(dated, key=lambda file: (-_seconds(file), file.path))
    for file in ordered:
        total += file.size
        if now.timestamp() - _seconds(file) >= KEPT.total_seconds() or total > MAX_KEPT_BYTES:
            break
        kept.append(file)
    return tuple(kept)


def _seconds(file: HashedFile) -> float:
    return file.last_released.timestamp() if file.last_released else 0.0


def _id(files: Sequence[HashedFile]) -> str:
    if not files:
        return ""
    lines = sorted(f"{file.path} {file.sha256}" for file in files)
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()[:_ID_CHARACTERS]
