"""What PostgreSQL's ``text`` and ``jsonb`` cannot hold, taken out before it gets there."""

from typing import Any


def storable(value: Any) -> Any:
    """Return JSON ``value`` without NUL characters and lone surrogates in its strings.

    PostgreSQL refuses both (a model may emit either); one odd character must not cost a user
    the whole answer.
    """
    if isinstance(value, str):
        return value.replace("\x00", "").encode("utf-8", "replace").decode()
    if isinstance(value, dict):
        return {storable(key): storable(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [storable(item) for item in value]
    return value
