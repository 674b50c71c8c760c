"""Errors of the one tree, taken apart on one side and put together on the other.

They come out as the class that was raised when the receiver has imported it, else as the class of
the same code, else as their nearest ancestor. Nothing is imported for it.
"""

from collections.abc import Iterator

from netra_backend.app.worker.rpc.messages import Failure
from netra_shared.errors import ConfigurationError, InternalError, NetraError


def failure_of(call_id: int, error: NetraError) -> Failure:
    """Return what tells of ``error``."""
    lineage = [kind for kind in type(error).__mro__ if issubclass(kind, NetraError)]
    return Failure(
        id=call_id,
        kind=_name(type(error)),
        codes=tuple(kind.code for kind in lineage),
        detail=error.detail,
        retry_after=error.retry_after,
        fields=error.fields if type(error) is not ConfigurationError else {},
    )


def error_of(failure: Failure) -> NetraError:
    """Return the error that ``failure`` tells of, ready to be raised."""
    kind = _class_of(failure)
    # Past the constructors of subclasses, which may take other arguments.
    error = kind.__new__(kind)
    NetraError.__init__(error, failure.detail, retry_after=failure.retry_after, **failure.fields)
    return error


def _class_of(failure: Failure) -> type[NetraError]:
    known = [kind for kind in _tree(NetraError) if not issubclass(kind, ConfigurationError)]
    for kind in known:
        if _name(kind) == failure.kind:
            return kind
    for code in failure.codes:
        for kind in known:
            if kind.code == code and "code" in vars(kind):
                return kind
    return InternalError


def _tree(root: type[NetraError]) -> Iterator[type[NetraError]]:
    for kind in root.__subclasses__():
        yield kind
        yield from _tree(kind)


def _name(kind: type[NetraError]) -> str:
    return f"{kind.__module__}.{kind.__qualname__}"
