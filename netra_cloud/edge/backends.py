"""What is behind a backend service or bucket, and what of it is not emulated."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from netra_cloud.compute.objects import ComputeObjects
from netra_cloud.edge.armor import ArmorFilters, armor_filters
from netra_cloud.edge.routes import Backend
from netra_cloud.edge.run_target import FixedAnswer, Page, Target, tagged_name
from netra_cloud.edge.url_map import Header, HeaderAction
from netra_cloud.errors import UnknownObject

Json = dict[str, Any]

_BUCKETS = "backendBuckets"
_NOT_IMPLEMENTED = 501
# Settings of a backend service that change what a client sees, and that the local edge ignores.
_IGNORED = {
    "cdnPolicy": "cdn_policy: nothing is cached",
    "compressionMode": "compression_mode: nothing is compressed",
    "consistentHash": "consistent_hash: backends are chosen by weight",
    "edgeSecurityPolicy": "edge_security_policy: its rules are not applied",
    "outlierDetection": "outlier_detection: no backend is ejected",
    "localityLbPolicy": "locality_lb_policy: backends are chosen by weight",
    "securitySettings": "security_settings: not applied",
    "tlsSettings": "tls_settings: backends are reached without TLS",
}


def follow(objects: ComputeObjects, link: object, where: str) -> Json:
    """Return the object at ``link``.

    Raises:
        UnknownObject: there is none, or the value is no link.
    """
    try:
        found = objects.get(str(link))
    except ValueError:
        found = None
    if found is None:
        raise UnknownObject(f"{where} refers to {link}, which does not exist")
    return found


class Backends:
    """Finds what is behind a link of a URL map.

    Args:
        objects: the compute objects.
        targets: what runs behind each Cloud Run service, by service name; and behind a tag of
            one, by ``tagged_name``.

    Attributes:
        not_emulated: one line for each feature that is left out.
    """

    def __init__(self, objects: ComputeObjects, targets: Mapping[str, Target]) -> None:
        self._objects, self._targets = objects, targets
        self.not_emulated: set[str] = set()

    def __call__(self, link: str) -> Backend:
        """Return the backend at ``link``.

        Raises:
            UnknownObject: a link leads nowhere, or a service has neither backend nor target.
        """
        found = follow(self._objects, link, "URL map")
        where = f"backend service {found.get('name')}"
        if f"/{_BUCKETS}/" in str(found.get("selfLink")):
            where = f"backend bucket {found.get('name')}"
            return Backend(self._absent(where, "objects of a bucket are not served"))
        self.not_emulated.update(f"{where}: {line}" for line in _ignored(found))
        target = self._target(found, where)
        filters = ArmorFilters()
        if policy := found.get("securityPolicy"):
            filters = armor_filters(follow(self._objects, policy, where))
            self.not_emulated.update(filters.not_emulated)
        headers = HeaderAction(
            add_request=custom_headers(found.get("customRequestHeaders") or ()),
            add_response=custom_headers(found.get("customResponseHeaders") or ()),
        )
        return Backend(target, headers, filters.per_route)

    def _target(self, service: Json, where: str) -> Target:
        groups = [
            follow(self._objects, backend.get("group"), where)
            for backend in service.get("backends") or ()
        ]
        if not groups:
            raise UnknownObject(f"{where} has no backend")
        found: list[tuple[Target, Json]] = [(self._of_group(g, where), g) for g in groups]
        used = found[0][0]
        for target, group in found[1:]:
            if target is not used:
                region = group.get("region", "global")
                self.not_emulated.add(
                    f"{where}: region {region} of {group.get('name')}: every request is sent to "
                    f"{groups[0].get('name')}; Google chooses the closest region"
                )
        return used

    def _of_group(self, group: Json, where: str) -> Target:
        name = f"{where}, network endpoint group {group.get('name')}"
        run = group.get("cloudRun") or {}
        if mask := run.get("urlMask"):
            return self._absent(name, f"url_mask {mask}: the service is chosen by Google")
        service = run.get("service")
        if not service:
            kind = group.get("networkEndpointType", "of an unknown type")
            return self._absent(name, f"endpoints {kind} are not reached from here")
        if tag := run.get("tag"):
            if (tagged := self._targets.get(tagged_name(str(service), str(tag)))) is not None:
                return tagged
            self.not_emulated.add(f"{name}: tag {tag}: requests are sent to all of {service}")
        target = self._targets.get(str(service))
        if target is None:
            raise UnknownObject(f"{where}: nothing runs as Cloud Run service {service!r}")
        return target

    def _absent(self, where: str, reason: str) -> FixedAnswer:
        """Return a target that answers 501 and names what is missing."""
        self.not_emulated.add(f"{where}: {reason}")
        page = Page(None, _NOT_IMPLEMENTED, f"Not emulated: {where}: {reason}\n", "text/plain")
        return FixedAnswer(where, (page,))


def _ignored(service: Json) -> Iterator[str]:
    for field, line in _IGNORED.items():
        if service.get(field):
            yield line
    if service.get("enableCDN") or service.get("enableCdn"):
        yield "enable_cdn: nothing is cached (cdn)"
    iap = service.get("iap")
    if isinstance(iap, Mapping) and iap.get("enabled", True):
        yield "iap: no one has to sign in"
    affinity = service.get("sessionAffinity")
    if affinity and affinity != "NONE":
        yield f"session_affinity {affinity}: a serverless backend ignores it"


def custom_headers(lines: Sequence[object]) -> tuple[Header, ...]:
    """Return the custom headers of a backend service, written ``Name: value``."""
    pairs = (str(line).partition(":") for line in lines)
    return tuple(Header(name.strip(), value.strip(), replace=True) for name, _, value in pairs)
