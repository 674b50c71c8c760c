"""Fetches the hashed files of the release that serves, for the image that replaces it."""

import asyncio
import shutil
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path

import httpx
from pydantic import ValidationError

from netra_ops.deploy.build.builder import Report
from netra_ops.deploy.build.chunk_manifest import (
    PATH,
    ChunkManifest,
    HashedFile,
    image_suffix,
    next_kept,
)
from netra_ops.deploy.build.sources import source_digest
from netra_ops.deploy.errors import DeployFailed
from netra_ops.errors import SomethingAbsent
from netra_ops.frontend.sources import source_digest as pages_digest

FOLDER = "frontend/.earlier"  # where dockerfiles/frontend.Dockerfile looks
HTTP_SECONDS = 20.0
PARALLEL = 8
MAX_MANIFEST_BYTES = 2 * 1024 * 1024  # 5,000 files of 300 bytes each


def _nowhere() -> str:
    return ""


@dataclass(frozen=True)
class EarlierChunks:
    """The hashed files that the public address serves.

    Attributes:
        address: returns the address of the pages; an empty text when there are none.
    """

    address: Callable[[], str] = field(default=_nowhere)

    @cached_property
    def _read(self) -> tuple[ChunkManifest, str]:
        """The manifest that serves, read once for a whole deploy, and why there is none."""
        try:
            if not (url := self.address()):
                return ChunkManifest(), "no address of the pages is known"
        except SomethingAbsent as error:
            return ChunkManifest(), error.detail
        return manifest_at(url)

    def tag(self, root: Path, role: str) -> str:
        """Return the tag of the image of ``role``: its sources, and for pages what they keep."""
        tag = f"src-{source_digest(root, role)[:16]}"
        if role != "frontend":
            return tag
        return tag + image_suffix(self._read[0], pages_digest(root / "frontend"), datetime.now(UTC))

    def fetch(self, folder: Path, report: Report) -> None:
        """Fill ``folder`` with the files that the next release keeps; it is emptied first.

        Raises:
            DeployFailed: a file that the manifest names is not served as described.
        """
        shutil.rmtree(folder, ignore_errors=True)
        serving, problem = self._read
        kept = next_kept(serving, datetime.now(UTC))
        if not kept.files:
            report(f"frontend: no chunks of an earlier release are kept: {problem or 'none'}")
            return
        asyncio.run(_fetch(self.address(), kept, folder))
        (folder / PATH.lstrip("/")).write_text(kept.model_dump_json(by_alias=True))
        size = sum(file.size for file in kept.files) // 1024
        report(f"frontend: keeps {len(kept.files)} chunks of earlier releases, {size} KiB")


def manifest_at(url: str) -> tuple[ChunkManifest, str]:
    """Return the manifest that an address serves, or an empty one and why there is none."""
    try:
        with httpx.stream("GET", f"{url}{PATH}", timeout=HTTP_SECONDS) as answer:
            if answer.status_code != httpx.codes.OK:
                return ChunkManifest(), f"{url}{PATH} answers {answer.status_code}"
            body = bytearray()
            for part in answer.iter_bytes():
                body += part
                if len(body) > MAX_MANIFEST_BYTES:
                    return ChunkManifest(), f"{url}{PATH} is larger than a manifest can be"
        return ChunkManifest.model_validate_json(body), ""
    except httpx.HTTPError as error:
        return ChunkManifest(), f"{url}{PATH}: {str(error) or type(error).__name__}"
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        return ChunkManifest(), f"{url}{PATH} is no manifest: {place}: {first['msg']}"


async def _fetch(url: str, kept: ChunkManifest, folder: Path) -> None:
    gate = asyncio.Semaphore(PARALLEL)
    async with httpx.AsyncClient(base_url=url, timeout=HTTP_SECONDS) as http:

        async def one(file: HashedFile) -> None:
            async with gate:
                await _fetch_one(http, file, folder / file.path)

        await asyncio.gather(*(one(file) for file in kept.files))


async def _fetch_one(http: httpx.AsyncClient, file: HashedFile, target: Path) -> None:
    content = bytearray()
    try:
        async with http.stream("GET", f"/{file.path}") as answer:
            answer.raise_for_status()
            async for part in answer.aiter_bytes():
                content += part
                if len(content) > file.size:
                    break
    except httpx.HTTPError as error:
        raise _not_kept(file, str(error) or type(error).__name__) from error
    if not file.describes(bytes(content)):
        raise _not_kept(file, "its content is not what the manifest describes")
    await asyncio.to_thread(_write, target, bytes(content))


def _write(target: Path, content: bytes) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(content)


def _not_kept(file: HashedFile, reason: str) -> DeployFailed:
    return DeployFailed(
        f"{file.path} of the serving release cannot be kept for open tabs: {reason}",
        remedy="nothing was deployed; try again, or name an image: --image frontend=IMAGE",
    )
