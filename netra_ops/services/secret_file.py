"""Secrets that are generated once and kept in a file only their owner can read."""

import os
import secrets
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
        draft = path.with_name(f".{path.name}.{os.getpid()}")
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(generate())
        try:
            os.link(draft, path)
        except FileExistsError:
            pass  # the other process was first; its secret is read below
        finally:
            draft.unlink()
    return path.read_text().strip()
