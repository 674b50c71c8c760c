"""Explains an error code of the platform, from the class that defines it."""

from pydantic import JsonValue

from netra_shared.errors import NetraError


def explain_error_code(code: str) -> dict[str, JsonValue] | None:
    """Explain an error code such as ``run_busy``; None when no imported class defines it.

    Returns:
        ``code``, ``name``, ``meaning``, ``http_status`` and ``retry``.
    """
    error = NetraError.class_of(code)
    if error is None:
        return None
    return {
        "code": code,
        "name": error.title,
        "meaning": (error.__doc__ or error.title).strip().splitlines()[0],
        "http_status": error.status,
        "retry": error.retry.value,
    }
