"""Every error code of the process, explained: read off the error tree itself."""

from collections.abc import Iterator

from pydantic import JsonValue

from netra_shared.errors import NetraError


def explain_error_code(code: str) -> dict[str, JsonValue] | None:
    """Explain an error code such as ``run_busy``; None when no class of the tree has it.

    Returns:
        ``code``, ``name``, ``meaning``, ``http_status`` and ``retry``.
    """
    for error in _all_errors(NetraError):
        if error.code == code:
            return {
                "code": code,
                "name": error.title,
                "meaning": (error.__doc__ or error.title).strip().splitlines()[0],
                "http_status": error.status,
                "retry": error.retry.value,
            }
    return None


def _all_errors(root: type[NetraError]) -> Iterator[type[NetraError]]:
    for error in root.__subclasses__():
        # A class without a code of its own only groups others.
        if "code" in vars(error):
            yield error
        yield from _all_errors(error)
