"""Section 4: Terraform, the header contract, the subprotocol, authentication through the edge."""

import shutil
import sys

from netra_cloud.terraform.findings import Options, Severity
from netra_cloud.terraform.linter import RULES, lint
from netra_ops.edge.commands import read_directory
from netra_ops.edge.contract.check import Target as ContractTarget
from netra_ops.edge.contract.check import check, subprotocols
from netra_ops.edge.contract.rows import Row as ContractRow
from netra_ops.services.loopback import LOOPBACK
from netra_ops.validate.evidence import Evidence, Finding, Judged, NotPossible, judged
from netra_ops.validate.row import FULL_ONLY, Phase, Row
from netra_ops.validate.rows.connections import connect_many, percent_ok, successes
from netra_ops.validate.rows.processes import Ended, ended_well, run_command
from netra_ops.validate.target import Target

STACK = "terraform-gcp-staging"
NO_PLAN = "no plan"
SHOWN = 3
HANDSHAKES = 20
TOLERATED_POINTS = 5.0  # one of twenty handshakes
RATE = "edge.authentication"
_NO_TERRAFORM = "there is no terraform on PATH; install it, or rely on edge.terraform-lint"


async def terraform_lint(target: Target) -> Finding:
    """Apply every rule of ``netra edge lint`` to the stack; no terraform is needed."""
    configuration = read_directory(target.root / STACK)
    findings = lint(configuration, Options())
    errors = [one for one in findings if one.severity is Severity.ERROR]
    shown = "; ".join(f"{one.rule}: {one.message}" for one in errors[:SHOWN])
    resources = len(list(configuration.resources))
    return judged(
        [
            Evidence("the stack has resources to judge", f"{resources} resources", resources > 0),
            Evidence(
                f"none of {len(RULES)} rules and no schema is violated",
                shown or f"0 errors, {len(findings)} remarks",
                not errors,
            ),
        ]
    )


async def terraform_plan(target: Target) -> Finding:
    """Run the real terraform: format, validate and plan, on the provider stand-in."""
    if shutil.which("terraform") is None:
        return NotPossible(_NO_TERRAFORM)
    directory = str(target.root / STACK)
    checked = await run_command(
        [sys.executable, str(target.root / "scripts" / "check_terraform.py"), directory],
        target.root,
    )
    plan = [sys.executable, "-m", "netra_ops.cli", "terraform", f"-chdir={directory}", "plan"]
    planned = await run_command(
        [*plan, "-input=false", "-no-color", "-var-file=staging.tfvars.example"], target.root
    )
    return judge_plan(checked, planned)


def judge_plan(checked: Ended, planned: Ended) -> Judged:
    """Judge the ends of ``check_terraform.py`` and of ``terraform plan``."""
    summary = next((x for x in planned.output.splitlines() if x.startswith("Plan:")), NO_PLAN)
    return judged(
        [
            ended_well("fmt -check and validate pass", checked),
            Evidence(
                "terraform plans the whole stack",
                f"exit status {planned.status}: {summary}",
                planned.status == 0 and summary != NO_PLAN,
            ),
        ]
    )


async def headers_arrive(target: Target) -> Finding:
    """Send requests and handshakes through the edge; compare what arrives with the contract."""
    rows = [row async for row in check(await _contract(target))]
    return judged_rows(rows)


async def subprotocol_preserved(target: Target) -> Finding:
    """Offer the subprotocol as one list and as several fields."""
    return judged_rows(await subprotocols(await _contract(target)))


def judged_rows(rows: list[ContractRow]) -> Judged:
    """Return one assertion for each group of the contract."""
    groups: dict[str, list[ContractRow]] = {}
    for row in rows:
        groups.setdefault(f"{row.group}, {row.door}", []).append(row)
    evidence = []
    for name, members in groups.items():
        broken = [row for row in members if row.passed is False]
        possible = [row for row in members if row.passed is not None]
        if not possible:
            continue
        seen = "; ".join(f"{row.name}: {row.arrived}" for row in broken[:SHOWN])
        held = f"{len(possible)} hold"
        evidence.append(Evidence(f"header contract: {name}", seen or held, not broken))
    return judged(evidence)


async def _contract(target: Target) -> ContractTarget:
    local = target.local
    return ContractTarget(
        target.address,
        target.origin,
        await target.tokens.token(),
        logs=local.logs if local else None,
        backend_port=local.backend_port if local else None,
    )


async def authentication_rate(target: Target) -> Finding:
    """Compare the rate through the edge with that behind it, and with the run before."""
    results = await connect_many(target, HANDSHAKES)
    rate = percent_ok(results)
    target.record.sign_in_rate = rate
    least = target.bounds.authentication_percent
    evidence = [successes(results, least, "handshakes through the edge")]
    if target.local is not None:
        behind = await connect_many(
            target, HANDSHAKES, address=f"http://{LOOPBACK}:{target.local.backend_port}"
        )
        own = percent_ok(behind)
        evidence.append(
            Evidence(
                "the edge costs no handshake",
                f"{own:.1f} % at the backend, {rate:.1f} % through the edge",
                rate >= own - TOLERATED_POINTS,
            )
        )
    if (before := target.rates_before.get(RATE)) is not None:
        evidence.append(
            Evidence(
                "the rate is not below that of the run before",
                f"{before:.1f} % before, {rate:.1f} % now",
                rate >= before - TOLERATED_POINTS,
            )
        )
    return judged(evidence)


ROWS = (
    Row(
        "edge.terraform-lint",
        "Google and Terraform accept the edge's configuration (rules)",
        terraform_lint,
        phase=Phase.ANYTIME,
        seconds=60.0,
        command="python scripts/check_terraform.py",
    ),
    Row(
        "edge.terraform-plan",
        "The real terraform formats, validates and plans it",
        terraform_plan,
        suites=FULL_ONLY,
        phase=Phase.HEAVY,
        seconds=120.0,
        command="cd terraform-gcp-staging && netra terraform plan -var-file=staging.tfvars.example",
    ),
    Row(
        "edge.headers-arrive",
        "Headers arrive at the backend, and a client cannot forge ours",
        headers_arrive,
        seconds=60.0,
        command="python scripts/check_header_contract.py --environment {environment}",
    ),
    Row(
        "edge.subprotocol",
        "The edge preserves the subprotocol",
        subprotocol_preserved,
        command="python scripts/check_header_contract.py --environment {environment}",
    ),
    Row(
        "edge.authentication-rate",
        "Authentication succeeds as often as before and as behind the edge",
        authentication_rate,
        command="python scripts/websocket_connection_monitor.py --environment {environment}"
        " --duration 60s --success-rate-threshold 85",
    ),
)
