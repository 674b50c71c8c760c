"""A URL map as typed rules.

The order is Google's: host rule, then the path matcher's rules, then defaults. Among path rules the
longest match wins in any order; route rules go by priority.
Source: https://cloud.google.com/load-balancing/docs/url-map-concepts
"""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Header:
    """A header to set. ``replace`` overwrites what is there, else the value is appended."""

    name: str
    value: str
    replace: bool


@dataclass(frozen=True)
class HeaderAction:
    """Changes to the headers of requests and responses; removal runs before addition."""

    add_request: tuple[Header, ...] = ()
    remove_request: tuple[str, ...] = ()
    add_response: tuple[Header, ...] = ()
    remove_response: tuple[str, ...] = ()


@dataclass(frozen=True)
class Redirect:
    """An answer that sends the client elsewhere."""

    status: int
    https: bool
    host: str | None
    path: str | None
    prefix: str | None
    strip_query: bool


@dataclass(frozen=True)
class Weighted:
    """One backend service with its share of a route."""

    service: str
    weight: int
    headers: HeaderAction = HeaderAction()


@dataclass(frozen=True)
class Forward:
    """A request goes to backend services, by weight."""

    backends: tuple[Weighted, ...]
    timeout_seconds: float | None = None
    prefix_rewrite: str | None = None
    host_rewrite: str | None = None


Action = Forward | Redirect


@dataclass(frozen=True)
class HeaderMatch:
    """A condition on one request header; exactly one of the conditions is set."""

    name: str
    exact: str | None = None
    prefix: str | None = None
    suffix: str | None = None
    regex: str | None = None
    present: bool | None = None
    invert: bool = False


@dataclass(frozen=True)
class Match:
    """Conditions that all must hold: one on the path, any number on headers."""

    exact: str | None = None
    prefix: str | None = None
    regex: str | None = None
    ignore_case: bool = False
    headers: tuple[HeaderMatch, ...] = ()

    @property
    def specificity(self) -> tuple[int, bool]:
        """Order among path rules: longer first, and an exact path before the prefix it equals."""
        return (len(self.exact or self.prefix or ""), self.exact is not None)


@dataclass(frozen=True)
class Route:
    """A match and what happens then."""

    match: Match
    action: Action
    headers: HeaderAction = HeaderAction()


@dataclass(frozen=True)
class PathMatcher:
    """The routes of some hosts, in the order they are tried; the last matches everything."""

    name: str
    routes: tuple[Route, ...]
    headers: HeaderAction = HeaderAction()


@dataclass(frozen=True)
class UrlMap:
    """All of a URL map that a data plane needs.

    Attributes:
        hosts: host pattern (``*`` alone, or at the beginning) -> path matcher.
        default: what happens to every other host.
    """

    name: str
    hosts: Mapping[str, PathMatcher]
    default: Action
    headers: HeaderAction = HeaderAction()
