"""Accepts cookies from configured pages only, by headers that no script can set."""

from collections.abc import Collection
from typing import Final

from netra_shared.errors import OriginForbidden

SAME_ORIGIN: Final = "same-origin"


def check_origin(
    origins: Collection[str], fetch_sites: Collection[str], allowed: Collection[str]
) -> str:
    """Return the page's origin; the defence against cross-site request forgery.

    Every browser sends ``Origin`` with a POST (Fetch standard section 3.2), and recent ones
    ``Sec-Fetch-Site``; a script can set neither. ``SameSite=Strict`` is the second defence.

    Args:
        origins: values of ``Origin``.
        fetch_sites: values of ``Sec-Fetch-Site``.
        allowed: exact origins of the pages.

    Raises:
        OriginForbidden: not a browser, or a page of another origin.
    """
    if len(origins) != 1:
        raise OriginForbidden("These routes are for browsers, which send exactly one Origin.")
    (origin,) = origins
    if origin not in allowed:
        raise OriginForbidden("The page's origin is not on the allow-list.")
    if any(site != SAME_ORIGIN for site in fetch_sites):
        raise OriginForbidden("The page must have the same origin as this service.")
    return origin
