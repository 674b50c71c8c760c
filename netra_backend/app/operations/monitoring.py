"""What tools outside of the platform report for operators: alerts, and the last validation.

The health monitor and ``netra validate`` run elsewhere. They report here, so that operators see
their results on one page; a report expires when it is not written again.
"""

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any

import msgspec
from pydantic import BaseModel, ConfigDict, Field, JsonValue
from pydantic.alias_generators import to_camel
from redis.asyncio import Redis

# One hash tag keeps both keys in one slot: one command reads them on a cluster too.
_KEY = "netra:{operations}:report:"
MAX_ALERTS = 100
MAX_ROWS = 100

Short = Annotated[str, Field(max_length=200)]
Line = Annotated[str, Field(max_length=1000)]

_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(dict[str, Any]).decode


class Kind(StrEnum):
    """What is reported."""

    ALERTS = "alerts"
    VALIDATION = "validation"


class _Report(BaseModel):
    model_config = ConfigDict(
        alias_generator=to_camel, populate_by_name=True, extra="forbid", frozen=True
    )


class AlertEntry(_Report):
    """One alert; open while ``resolved_at`` is None."""

    rule: Short
    severity: Short
    summary: Line
    evidence: Line
    runbook: Short = ""
    started_at: datetime
    resolved_at: datetime | None = None


class BurnEntry(_Report):
    """How fast an objective's error budget is used up; 1 uses it exactly over the objective's time.

    ``rates`` maps a window such as ``1h`` to the rate; a window without events is absent.
    """

    signal: Short
    objective: float = Field(description="Percent that must succeed.")
    rates: dict[Short, float] = Field(max_length=10)


class AlertsReport(_Report):
    """State of a health monitor."""

    environment: Short
    at: datetime
    every_seconds: float = Field(gt=0, description="A report is late after some of these.")
    alerts: list[AlertEntry] = Field(max_length=MAX_ALERTS)
    burn: list[BurnEntry] = Field(max_length=20)


class RowEntry(_Report):
    """One row of a validation that did not pass."""

    id: Short
    title: Short
    verdict: Short
    summary: Line
    command: Line


class ValidationReport(_Report):
    """The last run of ``netra validate``."""

    environment: Short
    suite: Short
    at: datetime
    seconds: float
    passed: bool
    complete: bool
    counts: dict[Short, int] = Field(max_length=10)
    rows: list[RowEntry] = Field(max_length=MAX_ROWS)


class MonitoringReports:
    """The latest report of each kind, in Valkey.

    Args:
        client: owned by the caller; its errors propagate.
        ttl_seconds: lifetime of a report that is not written again.
    """

    def __init__(self, client: Redis, *, ttl_seconds: int) -> None:
        self._client: Any = client
        self._ttl_seconds = ttl_seconds

    async def write(self, kind: Kind, report: AlertsReport | ValidationReport) -> None:
        """Replace the report of a kind."""
        document = report.model_dump(mode="json", by_alias=True)
        await self._client.set(_KEY + kind, _encode(document), ex=self._ttl_seconds)

    async def read(self) -> dict[str, JsonValue]:
        """Return the report of each kind, None for one that does not exist."""
        found = await self._client.mget([_KEY + kind for kind in Kind])
        return {
            kind.value: None if stored is None else _decode(stored)
            for kind, stored in zip(Kind, found, strict=True)
        }
