"""Secrets that are generated once and kept in a file only their owner can read."""

import os
import secrets
import tempfile
from collections.abc import Callable
from pathlib import Path


def random_password() -> str:
    """Return 256 random bits, safe in URLs."""
    return secrets.token_urlsafe(32)


def read_or_create_secret(path: Path, generate: Callable[[], str] = random_password) -> str:
    """Return the secret in ``path``; the first call generates it and writes it with mode 600.

    Two processes racing on the first call agree: the link decides who was first.
    """
    if not path.exists():
        descriptor, name = tempfile.mkstemp(prefix=f".{path.name}-", dir=path.parent)  # mode 600
        draft = Path(name)
        with os.fdopen(descriptor, "w") as file:
            file.write(generate())
        try:
            os.link(draft, path)
        except FileExistsError:
            pass  # the other process was first; its secret is read below
        finally:
            draft.unlink()
    return path.read_text().strip()
