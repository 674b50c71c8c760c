"""``/api/operations/monitoring``: what tools report for operators."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request, status
from pydantic import JsonValue

from netra_backend.app.operations.monitoring import (
    AlertsReport,
    MonitoringReports,
    ValidationReport,
)
from netra_backend.app.operations.release_report import ReleasesReport
from netra_shared.auth.bearer import OperatorClaims
from netra_shared.errors import Forbidden, Unauthenticated, Unavailable
from netra_shared.http.body_limit import RequestTooLarge, RequestTooSlow
from netra_shared.http.problem import problem_responses

_responses = problem_responses(Unauthenticated, Forbidden, Unavailable)
_body_responses = problem_responses(RequestTooLarge, RequestTooSlow)
router = APIRouter(prefix="/api/operations/monitoring", tags=["operations"], responses=_responses)


async def reports(request: Request) -> MonitoringReports:
    """Return the store of the reports."""
    found: MonitoringReports = request.app.state.monitoring
    return found


Reports = Annotated[MonitoringReports, Depends(reports)]


@router.get("")
async def show(_claims: OperatorClaims, found: Reports) -> dict[str, JsonValue]:
    """Return the latest report of each kind, null for one that does not exist."""
    return await found.read()


@router.put("/alerts", status_code=status.HTTP_204_NO_CONTENT, responses=_body_responses)
async def report_alerts(_claims: OperatorClaims, found: Reports, report: AlertsReport) -> None:
    """Replace the state of the health monitor."""
    await found.write(report)


@router.put("/validation", status_code=status.HTTP_204_NO_CONTENT, responses=_body_responses)
async def report_validation(
    _claims: OperatorClaims, found: Reports, report: ValidationReport
) -> None:
    """Replace the last validation."""
    await found.write(report)


@router.put("/releases", status_code=status.HTTP_204_NO_CONTENT, responses=_body_responses)
async def report_releases(_claims: OperatorClaims, found: Reports, report: ReleasesReport) -> None:
    """Replace the state of the releases."""
    await found.write(report)
