"""``--service NAME=COMMAND[:PORT]``: a pure function."""

import re
import shlex
from dataclasses import dataclass

_OPTION = re.compile(r"(?P<name>[a-z][-a-z0-9]*)=(?P<command>.+?)(?::(?P<port>\d{1,5}))?")


@dataclass(frozen=True)
class ServiceOption:
    """A service to run.

    Attributes:
        command: program and arguments; it must listen on the port that PORT names.
        port: where the service answers on this machine; None lets the kernel choose.
    """

    name: str
    command: tuple[str, ...]
    port: int | None


def parse_service(text: str) -> ServiceOption:
    """Return the service of an option.

    Raises:
        ValueError: the text has another form; the message says which is right.
    """
    found = _OPTION.fullmatch(text)
    command = shlex.split(found["command"]) if found else []
    if found is None or not command:
        raise ValueError(
            f"{text!r} is no service: write NAME=COMMAND or NAME=COMMAND:PORT, "
            "for example web='python app.py':3000"
        )
    return ServiceOption(
        found["name"], tuple(command), int(found["port"]) if found["port"] else None
    )
