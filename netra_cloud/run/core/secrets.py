"""Secret versions as Secret Manager resolves them for an instance: a pure function.

``latest`` is the newest version, resolved when an instance starts, so instances of one revision
can differ (MarkusNeusinger/anyplot#11208); disabling the newest makes ``latest`` unreadable
(rhesis-ai/rhesis#2704).
"""

from collections.abc import Sequence

import msgspec


class SecretVersion(msgspec.Struct, frozen=True):
    """A version; its number is its position, counted from 1."""

    value: str
    enabled: bool = True


class SecretUnreadable(Exception):
    """A secret has no such readable version."""


def access(secret: str, versions: Sequence[SecretVersion], wanted: str) -> str:
    """Return a version's value.

    Args:
        secret: for messages.
        versions: in the order of their creation.
        wanted: ``latest`` or a number.

    Raises:
        SecretUnreadable: it does not exist or is disabled.
    """
    number = len(versions) if wanted == "latest" else int(wanted) if wanted.isdigit() else 0
    if not 1 <= number <= len(versions):
        raise SecretUnreadable(f"Secret {secret}/versions/{wanted} was not found")
    version = versions[number - 1]
    if not version.enabled:
        raise SecretUnreadable(f"Secret {secret}/versions/{number} is in DISABLED state.")
    return version.value
