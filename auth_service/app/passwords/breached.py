"""Lookup in an optional list of breached passwords.

The file has the format of the Pwned Passwords downloader (https://haveibeenpwned.com/Passwords):
one line per password, the SHA-1 in upper-case hexadecimal, a colon and a count, sorted by hash.
It may have tens of gigabytes, so it is searched in place and not read into memory.
"""

import hashlib
import mmap
from pathlib import Path

_HASH_CHARACTERS = 40


class BreachedPasswords:
    """A sorted file of SHA-1 hashes.

    Args:
        path: the file; ``None`` for no list.
    """

    def __init__(self, path: Path | None) -> None:
        self._path = path

    def contains(self, password: str) -> bool:
        """Return whether ``password`` is in the list; ``False`` without a list.

        Raises:
            OSError: the file cannot be read.
        """
        if self._path is None:
            return False
        # SHA-1 is the format of the list, not a protection of the password.
        digest = hashlib.sha1(password.encode(), usedforsecurity=False)
        with self._path.open("rb") as file:
            if not file.seek(0, 2):
                return False
            with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
                return _contains(content, digest.hexdigest().upper().encode("ascii"))


def _contains(content: mmap.mmap, wanted: bytes) -> bool:
    """Search the sorted lines by bisection; ``low`` and ``high`` are starts of lines."""
    low, high = 0, len(content)
    while low < high:
        middle = (low + high) // 2
        start = content.rfind(b"\n", low, middle) + 1 or low
        if content[start : start + _HASH_CHARACTERS] < wanted:
            end = content.find(b"\n", middle)
            low = len(content) if end < 0 else end + 1
        else:
            high = start
    return content[low : low + _HASH_CHARACTERS] == wanted
