"""Which content the image proxy returns.

The type is that of the first bytes, not of the sender's header, and only formats that cannot hold a
script are accepted; SVG can. The patterns are those of the MIME Sniffing standard, section 6.1, and
of AVIF (section 4.1: brands ``avif`` and ``avis``).
"""

import re

from netra_shared.errors import NetraError, RetryClass

_PATTERNS = (
    ("image/png", re.compile(rb"\x89PNG\r\n\x1a\n")),
    ("image/jpeg", re.compile(rb"\xff\xd8\xff")),
    ("image/gif", re.compile(rb"GIF8[79]a")),
    ("image/webp", re.compile(rb"RIFF....WEBPVP", re.DOTALL)),
    ("image/avif", re.compile(rb"....ftypavi[fs]", re.DOTALL)),
)
ACCEPT = ", ".join(kind for kind, _ in _PATTERNS)


class ImageUnsuitable(NetraError):
    """The address does not contain an image of an accepted format and size."""

    code = "image_unsuitable"
    status = 422
    retry = RetryClass.NEVER
    title = "No suitable image"


def check_declared(content_type: str) -> None:
    """Check the header of an answer before its content is read.

    Raises:
        ImageUnsuitable: the header names no image, or SVG.
    """
    kind = content_type.partition(";")[0].strip().lower()
    if not kind.startswith("image/") or kind.startswith("image/svg"):
        raise ImageUnsuitable(f"The address contains {kind or 'an unknown type'}, not an image.")


def kind_of(content: bytes) -> str:
    """Return the content type of ``content``.

    Raises:
        ImageUnsuitable: it is no PNG, JPEG, GIF, WebP or AVIF.
    """
    for kind, pattern in _PATTERNS:
        if pattern.match(content):
            return kind
    raise ImageUnsuitable("The content is not a PNG, JPEG, GIF, WebP or AVIF image.")
