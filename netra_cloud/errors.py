"""What the local Google Cloud can fail with.

The package is installable alone, so it has an error tree of its own. The members are those of the
platform's tree: ``code``, ``status``, ``retry``, ``title`` and ``detail``.
"""

from typing import ClassVar


class CloudError(Exception):
    """Base of the tree.

    Args:
        detail: what happened, for the person who reads it.

    Attributes:
        code: stable name; never reused or renamed.
        status: HTTP status of the same failure in Google's API.
        retry: what a client may do: ``never`` or ``backoff``.
    """

    code: ClassVar[str] = "cloud_error"
    status: ClassVar[int] = 500
    retry: ClassVar[str] = "never"
    title: ClassVar[str] = "Error"

    def __init__(self, detail: str = "") -> None:
        super().__init__(detail or self.title)
        self.detail = detail or self.title


class InvalidObject(CloudError):
    """The input is wrong in itself; sending it again changes nothing."""

    code = "invalid_object"
    status = 400
    title = "Invalid object"


class ObjectMissing(CloudError):
    """A name or link leads to no object."""

    code = "object_missing"
    status = 404
    title = "No such object"


class ObjectConflict(CloudError):
    """The object exists, or has changed in the meantime."""

    code = "object_conflict"
    status = 409
    title = "Conflict"


class CloudUnavailable(CloudError):
    """A process did not answer in time; a later try can succeed."""

    code = "cloud_unavailable"
    status = 503
    retry = "backoff"
    title = "Unavailable"


class NotEmulated(InvalidObject):
    """The object uses a field that Google knows and the local edge does not.

    Refused rather than ignored: an ignored field would pass here and fail at Google.
    """

    code = "not_emulated"
    title = "Not emulated"


class UnknownObject(ObjectMissing):
    """A link leads to no object."""

    code = "unknown_object"
    title = "No such object"


class NothingListens(InvalidObject):
    """A load balancer without a forwarding rule that leads to a URL map."""

    code = "nothing_listens"
    title = "The load balancer listens nowhere"


class UpdateRejected(InvalidObject):
    """Envoy refused a configuration and keeps the one before."""

    code = "edge_update_rejected"
    title = "Edge configuration refused"


class UpdateUnconfirmed(CloudUnavailable):
    """Envoy did not confirm a configuration within the deadline."""

    code = "edge_update_unconfirmed"
    title = "Edge configuration not confirmed"
