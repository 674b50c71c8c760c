"""What the local Google Cloud can fail with."""

from netra_shared.errors import InvalidRequest, NotFound, Unavailable


class NotEmulated(InvalidRequest):
    """The object uses a field that Google knows and the local edge does not.

    Refused rather than ignored: what is silently left out passes here and fails there.
    """

    code = "not_emulated"
    title = "Not emulated"


class UnknownObject(NotFound):
    """A link leads to no object."""

    code = "unknown_object"
    title = "No such object"


class UpdateRejected(InvalidRequest):
    """Envoy refused a configuration; it goes on with the one before."""

    code = "edge_update_rejected"
    title = "Edge configuration refused"


class UpdateUnconfirmed(Unavailable):
    """Envoy did not say within the deadline that it uses a configuration."""

    code = "edge_update_unconfirmed"
    title = "Edge configuration not confirmed"
