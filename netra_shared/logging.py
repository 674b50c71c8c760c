"""Structured logs: one JSON object per line, in Cloud Logging's format on Cloud Run.

Fields of Cloud Logging's structured payload: ``severity``, ``message``, ``time`` and
``logging.googleapis.com/trace`` (https://cloud.google.com/logging/docs/structured-logging).
"""

import logging
import sys
from collections.abc import MutableMapping
from typing import Any, TextIO

import structlog

from netra_shared.redaction import redact
from netra_shared.runtime.crash_log import crash_log
from netra_shared.runtime.recent_errors import recent_errors
from netra_shared.settings import ServiceSettings
from netra_shared.telemetry import current_span_id, current_trace_id

Event = MutableMapping[str, Any]

# Libraries that log each request or statement at INFO; the services log those redacted.
_QUIET_LIBRARIES = ("httpx", "httpcore", "uvicorn.access", "websockets", "asyncio", "alembic")


def get_logger(name: str) -> structlog.stdlib.BoundLogger:
    """Return the structured logger called ``name`` (a module's dotted name)."""
    logger: structlog.stdlib.BoundLogger = structlog.stdlib.get_logger(name)
    return logger


class SureHandler(logging.StreamHandler[TextIO]):
    """Writes a record to stderr through ``crash_log`` when its stream or its formatter fails.

    The handler of the standard library would print a traceback and lose the record.
    """

    def __init__(self, stream: TextIO) -> None:
        super().__init__(stream)
        # An attribute, because globals of this module are deleted before the last record is
        # written.
        self._crash_log = crash_log

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802  the library's name
        """Write the content of the record, unformatted."""
        facts = record.msg if isinstance(record.msg, dict) else {"event": str(record.msg)}
        fields = {name: value for name, value in facts.items() if name not in {"event", "level"}}
        self._crash_log.write(record.name, str(facts.get("event", "")), fields)


def configure_logging(
    settings: ServiceSettings, *, service: str, process: str | None = None
) -> None:
    """Route structlog and the standard library's logging to stdout in one format.

    Args:
        settings: decides level and format; ``K_SERVICE`` selects Cloud Logging's names.
        service: the service's name, present in every record.
        process: name of the process within the service, present in every record.
    """
    console = settings.log_format == "console" or (
        settings.log_format == "auto" and sys.stdout.isatty() and settings.k_service is None
    )
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True, key="time"),
        _add_identity(service, process, settings),
        _add_trace,
        structlog.processors.format_exc_info,
        _redact_event,
        recent_errors,
    ]
    render: list[Any] = (
        [structlog.dev.ConsoleRenderer()]
        if console
        else [_cloud_logging_names, structlog.processors.JSONRenderer(default=str)]
    )
    formatter = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=[structlog.stdlib.ExtraAdder(), *shared],
        processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *render],
    )
    handler = SureHandler(sys.stdout)
    handler.setFormatter(formatter)
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(settings.log_level.upper())
    for name in _QUIET_LIBRARIES:
        logging.getLogger(name).setLevel(logging.WARNING)
    for name in ("uvicorn", "uvicorn.error"):
        library = logging.getLogger(name)
        library.handlers = []
        library.propagate = True
        # At DEBUG it writes every header of a handshake, including cookies and credentials.
        library.setLevel(max(logging.INFO, root.level))
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *shared,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )


def _add_identity(service: str, process: str | None, settings: ServiceSettings) -> Any:
    identity = {"service": service, "instance": settings.instance_id}
    if process:
        identity["process"] = process
    if settings.k_revision:
        identity["revision"] = settings.k_revision

    def add(_logger: Any, _method: str, event: Event) -> Event:
        for key, value in identity.items():
            event.setdefault(key, value)
        return event

    return add


def _add_trace(_logger: Any, _method: str, event: Event) -> Event:
    if trace_id := current_trace_id():
        event.setdefault("trace_id", trace_id)
        event.setdefault("span_id", current_span_id())
    return event


def _redact_event(_logger: Any, _method: str, event: Event) -> Event:
    for key, value in event.items():
        event[key] = redact(value, field=key)
    return event


def _cloud_logging_names(_logger: Any, _method: str, event: Event) -> Event:
    event["severity"] = str(event.pop("level", "info")).upper()
    event["message"] = event.pop("event", "")
    if "trace_id" in event:
        event["logging.googleapis.com/trace"] = event["trace_id"]
        event["logging.googleapis.com/spanId"] = event["span_id"]
    return event
