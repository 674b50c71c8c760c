"""Services of the Admin API between its protocol buffers and plain values.

The JSON form (camelCase, durations as ``3600s``) is that of the REST reference:
https://docs.cloud.google.com/run/docs/reference/rest/v2/projects.locations.services
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from google.cloud import run_v2
from google.protobuf.json_format import MessageToDict, ParseDict

from netra_ops.deploy.traffic import Split, Target

_LATEST = "TRAFFIC_TARGET_ALLOCATION_TYPE_LATEST"
_REVISION = "TRAFFIC_TARGET_ALLOCATION_TYPE_REVISION"


@dataclass(frozen=True)
class ServiceState:
    """A service as it was read.

    Attributes:
        body: the whole service in the API's JSON form.
        split: its traffic.
    """

    body: Mapping[str, Any]
    split: Split

    @property
    def name(self) -> str:
        """The full name, ``projects/P/locations/L/services/S``."""
        return str(self.body["name"])

    @property
    def etag(self) -> str:
        """What a conditional write sends back."""
        return str(self.body.get("etag", ""))

    @property
    def annotations(self) -> Mapping[str, str]:
        """Annotations of the service itself, not of its template."""
        return dict(self.body.get("annotations", {}))

    @property
    def latest_created(self) -> str:
        """Short name of the newest revision, ready or not."""
        return short(str(self.body.get("latestCreatedRevision", "")))

    @property
    def latest_ready(self) -> str:
        """Short name of the newest ready revision; stale while traffic is elsewhere."""
        return short(str(self.body.get("latestReadyRevision", "")))


def state_of(service: run_v2.Service) -> ServiceState:
    """Return what the API answered as plain values."""
    body = to_json(service)
    return ServiceState(body, split_of(body.get("traffic", ())))


def to_json(message: Any) -> dict[str, Any]:
    """Return a proto-plus message in the API's JSON form."""
    found: dict[str, Any] = MessageToDict(type(message).pb(message))
    return found


def service_from(body: Mapping[str, Any]) -> run_v2.Service:
    """Return the message for a service in the API's JSON form.

    Raises:
        ValueError: a field that the API does not have.
    """
    service = run_v2.Service()
    ParseDict(dict(body), run_v2.Service.pb(service))
    return service


def split_of(traffic: Any) -> Split:
    """Return the API's list of traffic targets as a split."""
    return tuple(
        Target(
            None if target.get("type", _LATEST) == _LATEST else str(target.get("revision", "")),
            int(target.get("percent", 0)),
            str(target.get("tag", "")),
        )
        for target in traffic
    )


def traffic_json(split: Split) -> list[dict[str, Any]]:
    """Return a split as the API's list of traffic targets."""
    return [_target_json(target) for target in split]


def short(name: str) -> str:
    """Return the last part of a resource's name."""
    return name.rpartition("/")[2]


def _target_json(target: Target) -> dict[str, Any]:
    found: dict[str, Any] = {"percent": target.percent}
    if target.revision is None:
        found["type"] = _LATEST
    else:
        found |= {"type": _REVISION, "revision": target.revision}
    return found | ({"tag": target.tag} if target.tag else {})
