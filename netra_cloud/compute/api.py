"""The compute API's behaviour: what it stores and, in its own words, what it refuses."""

from collections.abc import Iterator, Mapping
from typing import Any, ClassVar

from netra_cloud.compute.objects import ComputeObjects, Json, Key, parse_link
from netra_cloud.edge.map_tests import failed_tests
from netra_cloud.errors import InvalidObject, NotEmulated, ObjectConflict, ObjectMissing

_DEFAULT_TIMEOUT = 30
_LINKS = {
    "backendServices": ("securityPolicy",),
    "forwardingRules": ("target",),
    "targetHttpProxies": ("urlMap",),
    "targetHttpsProxies": ("urlMap", "sslPolicy"),
}


class ComputeRefusal(InvalidObject):
    """Google's 400."""

    code = "compute_refused"
    title = "Refused by the compute API"
    reason: ClassVar[str] = "invalid"


class ComputeObjectExists(ObjectConflict):
    """Google's 409 for a name that is taken."""

    code = "compute_exists"
    title = "The object exists"


class ComputeObjectMissing(ObjectMissing):
    """Google's 404."""

    code = "compute_missing"
    title = "No such object"


class ComputeApi:
    """Insert, replace, get and delete, with Google's checks of references.

    Args:
        objects: what exists.
        complete: nothing else exists. Without it, a link that leads out of ``objects`` is taken to
            lead to something that another stack has made.
    """

    def __init__(self, objects: ComputeObjects, *, complete: bool = True) -> None:
        self.objects = objects
        self._complete = complete

    def insert(self, collection: str, body: Mapping[str, Any], region: str | None = None) -> Json:
        """Create an object.

        Raises:
            ComputeObjectExists: the name is taken.
            ComputeRefusal: Google would refuse the object.
        """
        key = Key(collection, str(body["name"]), region)
        if key in self.objects.by_key:
            raise ComputeObjectExists(
                f"The resource '{key.link(self.objects.project)}' already exists"
            )
        return self.replace(collection, body, region)

    def replace(self, collection: str, body: Mapping[str, Any], region: str | None = None) -> Json:
        """Create or replace an object.

        Raises:
            ComputeRefusal: Google would refuse the object.
        """
        problems = [*self._refusals(collection, body)]
        if self._complete:
            missing = self._dangling(collection, body)
            problems = [*(f"The resource '{link}' was not found" for link in missing), *problems]
        if problems:
            raise ComputeRefusal(problems[0])
        return self.objects.by_key[self.objects.put(collection, body, region)]

    def unproven(self, collection: str, body: Mapping[str, Any]) -> list[str]:
        """Return what Google checks in an object and this API could not."""
        links = [f"{link} is not part of this stack" for link in self._dangling(collection, body)]
        if collection != "urlMaps" or not body.get("tests"):
            return links
        try:
            list(failed_tests(body))
        except NotEmulated as limit:
            return [*links, f"the tests of the URL map were not run: {limit.detail}"]
        return links

    def get(self, link: str) -> Json:
        """Return an object.

        Raises:
            ComputeObjectMissing: there is none.
        """
        found = self.objects.get(link)
        if found is None:
            raise ComputeObjectMissing(f"The resource '{link}' was not found")
        return found

    def delete(self, link: str) -> None:
        """Remove an object.

        Raises:
            ComputeObjectMissing: there is none.
            ComputeRefusal: another object refers to it.
        """
        self.get(link)
        for key, body in self.objects.by_key.items():
            if body["selfLink"] != link and link in set(_strings(body)):
                user = key.link(self.objects.project)
                raise ComputeRefusal(
                    f"The {key.collection} resource '{link}' is already being used by '{user}'"
                )
        del self.objects.by_key[parse_link(link)]

    def _dangling(self, collection: str, body: Mapping[str, Any]) -> Iterator[str]:
        links = [body[name] for name in _LINKS.get(collection, ()) if body.get(name)]
        if collection == "backendServices":
            links += [backend["group"] for backend in body.get("backends", ())]
        if collection == "urlMaps":
            links += [text for text in _strings(body) if "/backendServices/" in text]
        for link in links:
            if self.objects.get(link) is None:
                yield str(link)

    def _refusals(self, collection: str, body: Mapping[str, Any]) -> Iterator[str]:
        if collection == "backendServices" and self._is_serverless(body):
            timeout = body.get("timeoutSec", _DEFAULT_TIMEOUT)
            if timeout != _DEFAULT_TIMEOUT:
                yield (
                    f"Invalid value for field 'resource.timeoutSec': '{timeout}'. Timeout sec is "
                    "not supported for a backend service with Serverless network endpoint groups."
                )
            if body.get("healthChecks"):
                yield (
                    "Invalid value for field 'resource.healthChecks': ''. A backend service cannot "
                    "have a healthcheck with Serverless network endpoint group backends."
                )
            if body.get("portName") not in {None, "http"}:  # "http" is the default
                yield (
                    "Port name is not supported for a backend service with Serverless network "
                    "endpoint groups."
                )
        if collection == "urlMaps":
            yield from self._failed_tests(body)

    @staticmethod
    def _failed_tests(body: Mapping[str, Any]) -> Iterator[str]:
        try:
            for failure in failed_tests(body):
                detail = f"URL map test failed: {failure.detail}"
                yield f"Invalid value for field 'resource.tests': {detail}"
        except NotEmulated:
            return  # valid for Google; ``unproven`` names it

    def _is_serverless(self, body: Mapping[str, Any]) -> bool:
        groups = [self.objects.get(backend["group"]) for backend in body.get("backends", ())]
        return any(g is not None and g.get("networkEndpointType") == "SERVERLESS" for g in groups)


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for item in value.values():
            yield from _strings(item)
    elif isinstance(value, list):
        for item in value:
            yield from _strings(item)
