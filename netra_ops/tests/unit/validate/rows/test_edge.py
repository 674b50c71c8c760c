"""Each row of the section fails on a system that is broken on purpose."""

import json
import shutil
from pathlib import Path

import pytest

from netra_client.tests.unit.wire_server import running_server
from netra_ops.edge.contract.rows import Row as ContractRow
from netra_ops.tests.unit.validate.broken import Break, answering, row_of, target
from netra_ops.validate.evidence import Finding, Judged, NothingAsserted, Verdict
from netra_ops.validate.row import Row
from netra_ops.validate.rows.edge import ROWS, STACK, judge_plan, judged_rows
from netra_ops.validate.rows.processes import Ended
from test_framework.project import PROJECT_ROOT

GUIDE = PROJECT_ROOT / "netra_cloud/tests/unit/terraform/guide"


def row(name: str) -> Row:
    return row_of(ROWS, f"edge.{name}")


async def the_guides_terraform(folder: Path) -> Finding:
    shutil.copytree(GUIDE, folder / STACK)
    return await row("terraform-lint").check(target(root=folder))


async def plan_without_a_plan(_folder: Path) -> Finding:
    """Terraform ends well and planned nothing, as with an empty directory."""
    return judge_plan(Ended(0, "fmt: formatted"), Ended(0, "No configuration files"))


async def headers_are_lost(_folder: Path) -> Finding:
    document = {"fromEdge": False, "dropped": [], "headers": []}
    async with answering(json.dumps(document)) as port:
        return await row("headers-arrive").check(target(f"http://127.0.0.1:{port}"))


async def no_upgrade(_folder: Path) -> Finding:
    async with answering("{}", status="400 Bad Request") as port:
        return await row("subprotocol").check(target(f"http://127.0.0.1:{port}"))


async def refused_tokens(_folder: Path) -> Finding:
    async with running_server() as wire:
        wire.refusals.extend([(401, {}, b"unauthorized")] * 20)
        return await row("authentication-rate").check(target(wire.url))


BREAKS: dict[str, Break] = {
    "edge.terraform-lint": the_guides_terraform,
    "edge.terraform-plan": plan_without_a_plan,
    "edge.headers-arrive": headers_are_lost,
    "edge.subprotocol": no_upgrade,
    "edge.authentication-rate": refused_tokens,
}


@pytest.mark.parametrize("name", BREAKS)
async def test_a_broken_system_fails_the_row(name: str, tmp_path: Path) -> None:
    finding = await BREAKS[name](tmp_path)
    assert isinstance(finding, Judged)
    assert finding.verdict is Verdict.FAILED


def test_a_plan_that_fails_fails_the_row() -> None:
    assert judge_plan(Ended(0, ""), Ended(1, "Error: Unsupported block")).verdict is Verdict.FAILED
    assert judge_plan(Ended(1, "fmt"), Ended(0, "Plan: 3 to add")).verdict is Verdict.FAILED
    assert judge_plan(Ended(0, ""), Ended(0, "Plan: 3 to add")).verdict is Verdict.PASSED


def test_contract_rows_that_could_not_be_judged_are_no_assertion() -> None:
    unjudged = ContractRow("never logged", "logs", "token", None, "", "not possible here")
    with pytest.raises(NothingAsserted):
        judged_rows([unjudged])


async def test_a_rate_below_that_of_the_run_before_fails() -> None:
    async with running_server() as wire:
        wire.refusals.extend([(401, {}, b"unauthorized")] * 2)
        place = target(wire.url)
        place.rates_before["edge.authentication"] = 100.0
        finding = await row("authentication-rate").check(place)
    assert isinstance(finding, Judged)
    assert [one.holds for one in finding.evidence] == [True, False]
    assert place.record.sign_in_rate == 90.0
