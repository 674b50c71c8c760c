"""Reports through the real edge: for operators, and refused for everyone else."""

import httpx
import pytest

from netra_backend.tests.unit.operations.test_monitoring import ALERTS, VALIDATION
from netra_client.token_source import FixedToken
from netra_ops.measure.operator_reports import PATH, OperatorReports
from netra_ops.services.http_server import HttpServer
from netra_ops.services.loopback import LOOPBACK, free_port
from test_framework.fixtures.services import MakeToken

pytestmark = pytest.mark.integration


async def test_an_operators_reports_are_shown_to_operators(
    edge: HttpServer, make_token: MakeToken
) -> None:
    address = f"http://{LOOPBACK}:{edge.port}"
    operator = make_token("operator")
    reports = OperatorReports(address, FixedToken(operator))
    assert await reports.send(ALERTS) == ""
    assert await reports.send(VALIDATION) == ""
    headers = {"Authorization": f"Bearer {operator}"}
    async with httpx.AsyncClient(base_url=address, timeout=30) as http:
        found = (await http.get(PATH, headers=headers)).json()
        other = {"Authorization": f"Bearer {make_token()}"}
        refused = [
            (await http.get(PATH, headers=other)).status_code,
            (await http.get(PATH)).status_code,
            (await http.put(f"{PATH}/alerts", headers=headers, json={"at": "x"})).status_code,
        ]
    assert found["alerts"]["alerts"][0]["rule"] == "r"
    assert found["validation"]["suite"] == "quick"
    assert refused == [403, 401, 422]
    problem = await OperatorReports(address, FixedToken(make_token())).send(ALERTS)
    assert "netra users grant EMAIL operator" in problem


async def test_an_unreachable_platform_is_a_remark_and_no_error() -> None:
    reports = OperatorReports(f"http://{LOOPBACK}:{free_port()}", FixedToken("t"))
    assert "was not updated" in await reports.send(ALERTS)
