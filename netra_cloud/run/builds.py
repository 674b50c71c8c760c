"""Images without containers: a directory plus a command, addressed by content."""

import hashlib
import json
import os
import re
import shutil
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

Json = dict[str, Any]

LEFT_OUT = frozenset({".git", ".venv", "node_modules", "__pycache__", ".netra", ".mypy_cache"})
_NAME = re.compile(r"[a-z0-9]+([._/:-][a-z0-9]+)*")
_TAG = re.compile(r"\w[\w.-]{0,127}")


@dataclass(frozen=True)
class Build:
    """A build that can be run.

    Attributes:
        image: full reference, ``NAME@sha256:DIGEST``.
        directory: working directory of its instances.
        command: the image's entry point.
        env: the image's environment.
    """

    image: str
    directory: Path
    command: tuple[str, ...]
    env: Mapping[str, str]


class Builds:
    """The store of builds: a directory, read at each use, so that several processes share it."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def add(
        self,
        *,
        name: str,
        directory: Path,
        command: Sequence[str],
        env: Mapping[str, str] | None = None,
        tag: str = "latest",
        in_place: bool = False,
    ) -> str:
        """Register a directory and return its reference, ``NAME@sha256:DIGEST``.

        Args:
            name: image name, such as ``local/web``.
            directory: the tree; ``LEFT_OUT`` names are neither copied nor part of the digest.
            command: entry point; the first item is an absolute program or one on PATH.
            env: environment of the image.
            tag: leads to this build from now on.
            in_place: run the tree where it is; the caller keeps it unchanged.

        Raises:
            ValueError: the name, the tag, the command or the directory is unusable.
        """
        if not _NAME.fullmatch(name):
            raise ValueError(f"image name {name!r}: use lower-case words joined by . _ / : or -")
        if not _TAG.fullmatch(tag):
            raise ValueError(f"tag {tag!r}: use letters, digits, . _ and -, at most 128")
        if not command:
            raise ValueError(f"image {name!r}: the command is empty; name a program")
        directory = directory.resolve()
        if not directory.is_dir():
            raise ValueError(f"image {name!r}: {directory} is no directory")
        digest = _digest(directory, command, env or {})
        home = self._root / "sha256" / digest
        tree = directory if in_place else home / "tree"
        if not in_place and not tree.exists():
            home.mkdir(parents=True, exist_ok=True)
            partial = Path(tempfile.mkdtemp(dir=home, prefix=".tree-"))
            shutil.copytree(
                directory,
                partial,
                symlinks=True,
                dirs_exist_ok=True,
                ignore=shutil.ignore_patterns(*LEFT_OUT),
            )
            partial.replace(tree)
        facts = {"directory": str(tree), "command": list(command), "env": dict(env or {})}
        _write(home / "build.json", facts)
        _write(self._tag_file(name, f"@{digest}"), {"digest": digest})
        _write(self._tag_file(name, tag), {"digest": digest})
        return f"{name}@sha256:{digest}"

    def find(self, image: str) -> Build | None:
        """Return the build of a reference: by digest, by tag, or by the tag ``latest``."""
        bare, _, digest = image.partition("@sha256:")
        name, tag = bare, "latest"
        head, colon, tail = bare.rpartition(":")
        if colon and "/" not in tail:
            name, tag = head, tail
        if not _NAME.fullmatch(name):
            return None
        link = self._tag_file(name, f"@{digest}" if digest else tag)
        if not link.is_file():
            return None
        digest = json.loads(link.read_text())["digest"]
        facts = json.loads((self._root / "sha256" / digest / "build.json").read_text())
        return Build(
            f"{name}@sha256:{digest}",
            Path(facts["directory"]),
            tuple(facts["command"]),
            facts["env"],
        )

    def all(self) -> list[Json]:
        """Return every name with its tags and digests, ordered by name."""
        found = []
        for link in sorted((self._root / "names").rglob("*.json")):
            name = str(link.parent.relative_to(self._root / "names"))
            tag = link.stem
            if not tag.startswith("@"):
                digest = json.loads(link.read_text())["digest"]
                found.append({"name": name, "tag": tag, "digest": f"sha256:{digest}"})
        return found

    def _tag_file(self, name: str, tag: str) -> Path:
        return self._root / "names" / name / f"{tag}.json"


def _digest(directory: Path, command: Sequence[str], env: Mapping[str, str]) -> str:
    total = hashlib.sha256()
    total.update(json.dumps([list(command), sorted(env.items())]).encode())
    for path in _files(directory):
        name = path.relative_to(directory).as_posix()
        if path.is_symlink():
            total.update(f"\0L{name}\0{path.readlink()}".encode())
            continue
        executable = os.access(path, os.X_OK)
        with path.open("rb") as stream:
            content = hashlib.file_digest(stream, "sha256").hexdigest()
        total.update(f"\0F{name}\0{executable}\0{content}".encode())
    return total.hexdigest()


def _files(directory: Path) -> Iterator[Path]:
    for root, folders, names in os.walk(directory):
        folders[:] = sorted(set(folders) - LEFT_OUT)
        links = [name for name in folders if (Path(root) / name).is_symlink()]
        for name in sorted([*names, *links]):
            if name not in LEFT_OUT:
                yield Path(root) / name


def _write(path: Path, value: Json) -> None:
    """Write a small file by renaming, so that a reader sees the old one or the new one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, temporary = tempfile.mkstemp(dir=path.parent, prefix=".")
    with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
        json.dump(value, stream)
    Path(temporary).replace(path)
