"""The header changes of all levels of a URL map as one change for each header.

Google applies the actions in this order, and a later one replaces an earlier one: weighted backend
service, route rule, path matcher, URL map. A header that the URL map sets on any level is not set
by the backend service's custom headers.

Sources: ``header_action`` of WeightedBackendService, HttpRouteRule, PathMatcher and UrlMap in
https://github.com/googleapis/googleapis/blob/master/google/cloud/compute/v1/compute.proto, and
https://cloud.google.com/load-balancing/docs/https/custom-headers-global ("Custom headers in URL
maps").
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from netra_cloud.edge.url_map import Header, HeaderAction


@dataclass(frozen=True)
class Change:
    """What happens to one header.

    Attributes:
        name: as first written.
        drops: the values that arrived are removed.
        values: are added after that, in this order.
    """

    name: str
    drops: bool
    values: tuple[str, ...]


@dataclass(frozen=True)
class Changes:
    """The changes of a request and of its response."""

    request: tuple[Change, ...] = ()
    response: tuple[Change, ...] = ()


def chained(backend: HeaderAction, levels: Sequence[HeaderAction]) -> Changes:
    """Return the result of all header actions of one request.

    Args:
        backend: custom headers of the backend service.
        levels: weighted backend service, route rule, path matcher, URL map.
    """
    requests = {header.name.lower() for level in levels for header in level.add_request}
    responses = {header.name.lower() for level in levels for header in level.add_response}
    own = HeaderAction(
        add_request=_without(backend.add_request, requests),
        remove_request=backend.remove_request,
        add_response=_without(backend.add_response, responses),
        remove_response=backend.remove_response,
    )
    every = (own, *levels)
    return Changes(
        _folded((action.remove_request, action.add_request) for action in every),
        _folded((action.remove_response, action.add_response) for action in every),
    )


def _without(headers: Iterable[Header], names: set[str]) -> tuple[Header, ...]:
    return tuple(header for header in headers if header.name.lower() not in names)


def _folded(steps: Iterable[tuple[Sequence[str], Sequence[Header]]]) -> tuple[Change, ...]:
    """Return one change for each name; removal runs before addition within one action."""
    found: dict[str, Change] = {}
    for removed, added in steps:
        for name in removed:
            found[name.lower()] = Change(name, drops=True, values=())
        for header in added:
            before = found.get(header.name.lower(), Change(header.name, drops=False, values=()))
            values = () if header.replace else before.values
            drops = before.drops or header.replace
            found[header.name.lower()] = Change(before.name, drops, (*values, header.value))
    return tuple(found.values())
