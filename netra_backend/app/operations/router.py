"""``/api/operations/monitoring``: what the health monitor and ``netra validate`` report."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request, status
from pydantic import JsonValue

from netra_backend.app.operations.monitoring import (
    AlertsReport,
    Kind,
    MonitoringReports,
    ValidationReport,
)
from netra_shared.auth.bearer import CurrentClaims
from netra_shared.auth.tokens import Claims
from netra_shared.errors import Forbidden, Unauthenticated
from netra_shared.http.problem import problem_responses

_responses = problem_responses(Unauthenticated, Forbidden)
router = APIRouter(prefix="/api/operations/monitoring", tags=["operations"], responses=_responses)


async def operator(claims: CurrentClaims) -> Claims:
    """Let operators pass.

    Raises:
        Forbidden: the caller has another role.
    """
    if not claims.is_operator:
        raise Forbidden("Reports of the monitoring are for people with the role `operator`.")
    return claims


async def reports(request: Request) -> MonitoringReports:
    """Return the store of the reports."""
    found: MonitoringReports = request.app.state.monitoring
    return found


Operator = Annotated[Claims, Depends(operator)]
Reports = Annotated[MonitoringReports, Depends(reports)]


@router.get("")
async def show(_claims: Operator, found: Reports) -> dict[str, JsonValue]:
    """Return the latest report of each kind, null for one that does not exist."""
    return await found.read()


@router.put("/alerts", status_code=status.HTTP_204_NO_CONTENT)
async def report_alerts(_claims: Operator, found: Reports, report: AlertsReport) -> None:
    """Replace the state of the health monitor."""
    await found.write(Kind.ALERTS, report)


@router.put("/validation", status_code=status.HTTP_204_NO_CONTENT)
async def report_validation(_claims: Operator, found: Reports, report: ValidationReport) -> None:
    """Replace the last validation."""
    await found.write(Kind.VALIDATION, report)
