"""What tools outside of the platform report for operators: alerts, validations and releases.

The health monitor, ``netra validate`` and ``netra deploy`` run elsewhere. They report here, so that
operators see their results on one page; a report expires when it is not written again.
"""

from datetime import datetime
from enum import StrEnum
from typing import Any

import msgspec
from pydantic import Field, JsonValue
from redis.asyncio import Redis

from netra_backend.app.operations.release_report import ReleasesReport
from netra_backend.app.operations.report_model import Line, ReportModel, Short
from netra_shared.stores.valkey_absence import valkey_needed

# One hash tag keeps both keys in one slot: one command reads them on a cluster too.
_KEY = "netra:{operations}:report:"
MAX_ALERTS = 100
MAX_ROWS = 100

_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(dict[str, Any]).decode


class Kind(StrEnum):
    """What is reported."""

    ALERTS = "alerts"
    VALIDATION = "validation"
    RELEASES = "releases"


class AlertEntry(ReportModel):
    """One alert; open while ``resolved_at`` is None."""

    rule: Short
    severity: Short
    summary: Line
    evidence: Line
    runbook: Short = ""
    started_at: datetime
    resolved_at: datetime | None = None


class BurnEntry(ReportModel):
    """How fast an objective's error budget is used up; 1 uses it exactly over the objective's time.

    ``rates`` maps a window such as ``1h`` to the rate; a window without events is absent.
    """

    signal: Short
    objective: float = Field(description="Percent that must succeed.")
    rates: dict[Short, float] = Field(max_length=10)


class AlertsReport(ReportModel):
    """State of a health monitor."""

    environment: Short
    at: datetime
    every_seconds: float = Field(gt=0, description="A report is late after some of these.")
    alerts: list[AlertEntry] = Field(max_length=MAX_ALERTS)
    burn: list[BurnEntry] = Field(max_length=20)


class RowEntry(ReportModel):
    """One row of a validation that did not pass."""

    id: Short
    title: Short
    verdict: Short
    summary: Line
    command: Line


class ValidationReport(ReportModel):
    """The last run of ``netra validate``."""

    environment: Short
    suite: Short
    at: datetime
    seconds: float
    passed: bool
    complete: bool
    counts: dict[Short, int] = Field(max_length=10)
    rows: list[RowEntry] = Field(max_length=MAX_ROWS)


Report = AlertsReport | ValidationReport | ReleasesReport


def kind_of(report: Report) -> Kind:
    """Return which report it is."""
    match report:
        case AlertsReport():
            return Kind.ALERTS
        case ValidationReport():
            return Kind.VALIDATION
        case ReleasesReport():
            return Kind.RELEASES


class MonitoringReports:
    """The latest report of each kind, in Valkey.

    Args:
        client: owned by the caller.
        ttl_seconds: lifetime of a report that is not written again.
    """

    def __init__(self, client: Redis, *, ttl_seconds: int) -> None:
        self._client: Any = client
        self._ttl_seconds = ttl_seconds

    async def write(self, report: Report) -> None:
        """Replace the report of its kind.

        Raises:
            Unavailable: Valkey does not answer.
        """
        kind = kind_of(report)
        document = report.model_dump(mode="json", by_alias=True)
        with valkey_needed():
            await self._client.set(_KEY + kind, _encode(document), ex=self._ttl_seconds)

    async def read(self) -> dict[str, JsonValue]:
        """Return the report of each kind, None for one that does not exist.

        Raises:
            Unavailable: Valkey does not answer.
        """
        with valkey_needed():
            found = await self._client.mget([_KEY + kind for kind in Kind])
        return {
            kind.value: None if stored is None else _decode(stored)
            for kind, stored in zip(Kind, found, strict=True)
        }
