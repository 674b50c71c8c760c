"""Log entries as Cloud Logging stores them for Cloud Run, and how a line becomes one.

Source: docs.cloud.google.com/run/docs/logging: a line of JSON becomes ``jsonPayload``, its
``severity`` and ``message`` are special (logging/docs/structured-logging); other lines become
``textPayload``.
"""

import json
from typing import Any

Json = dict[str, Any]

SEVERITIES = (
    "DEFAULT",
    "DEBUG",
    "INFO",
    "NOTICE",
    "WARNING",
    "ERROR",
    "CRITICAL",
    "ALERT",
    "EMERGENCY",
)
_ALIASES = {"WARN": "WARNING", "FATAL": "CRITICAL", "TRACE": "DEBUG"}


def entry_of_line(line: str) -> Json:
    """Return payload and severity of a line that a container wrote."""
    text = line.rstrip("\r\n")
    if text.startswith("{"):
        try:
            fields = json.loads(text)
        except ValueError:
            return {"textPayload": text, "severity": "DEFAULT"}
        severity = str(fields.pop("severity", fields.get("level", "DEFAULT"))).upper()
        severity = _ALIASES.get(severity, severity)
        if severity not in SEVERITIES:
            severity = "DEFAULT"
        if set(fields) == {"message"}:
            return {"textPayload": str(fields["message"]), "severity": severity}
        return {"jsonPayload": fields, "severity": severity}
    return {"textPayload": text, "severity": "DEFAULT"}


def severity_rank(name: str) -> int:
    """Return the order of a severity; an unknown one counts as DEFAULT."""
    return SEVERITIES.index(name) if name in SEVERITIES else 0
