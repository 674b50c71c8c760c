"""Resource names of the Admin API: ``projects/P/locations/L/services/S/revisions/R``."""

import re
from dataclasses import dataclass

from netra_cloud.run.core.errors import InvalidArgument

# A service name is a DNS label of at most 49 characters, so that revision names and addresses
# derived from it stay below 63 (CreateServiceRequest.service_id in service.proto).
_SERVICE_ID = re.compile(r"[a-z]([-a-z0-9]{0,47}[a-z0-9])?")
_PARENT = re.compile(r"projects/([^/]+)/locations/([^/]+)")


@dataclass(frozen=True)
class Parent:
    """A project and a location."""

    project: str
    location: str

    def __str__(self) -> str:
        return f"projects/{self.project}/locations/{self.location}"

    def service(self, service_id: str) -> str:
        """Return the full name of a service."""
        return f"{self}/services/{service_id}"

    def operation(self, operation_id: str) -> str:
        """Return the full name of an operation."""
        return f"{self}/operations/{operation_id}"


def parent_of(name: str) -> Parent:
    """Return the project and location that a full name starts with.

    Raises:
        InvalidArgument: it starts with neither.
    """
    match = _PARENT.match(name)
    if match is None:
        raise InvalidArgument(f"Invalid resource name {name!r}: projects/*/locations/* expected.")
    return Parent(match[1], match[2])


def short(name: str) -> str:
    """Return the last part of a full name."""
    return name.rpartition("/")[2]


def service_of(revision_name: str) -> str:
    """Return the full name of a revision's service."""
    return revision_name.partition("/revisions/")[0]


def check_service_id(service_id: str) -> None:
    """Refuse what cannot name a service.

    Raises:
        InvalidArgument: the name is no DNS label of at most 49 characters.
    """
    if not _SERVICE_ID.fullmatch(service_id):
        raise InvalidArgument(
            f"Violation in CreateServiceRequest.service_id: '{service_id}' must use only lowercase "
            "alphanumeric characters and dashes, start with a letter, not end with a dash, and "
            "have at most 49 characters.",
            ("service_id", "must be a DNS label of at most 49 characters"),
        )
