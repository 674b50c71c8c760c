"""Every command of docs/deploying.md and of the runbook is typed by a test, most of them here."""

import asyncio
import os
import re
import sys
from pathlib import Path
from uuid import uuid4

import pytest

from netra_client import IdentityClient
from test_framework.platform.stack import Stack
from test_framework.project import PROJECT_ROOT

PAGES = ("docs/deploying.md", *sorted(str(p) for p in Path("docs/runbook").glob("*.md")))
PROGRAMS = r"(?:\./netra|netra|python|curl|gcloud|terraform|npm|cd|\./scripts/\S+|openssl) "
SHORTEST_WORDS = 2
DEADLINE = 120.0
EXIT_ABSENT = 3
# Without an account each names what is absent; a machine that has one must not use it here.
ABSENT = "--project netra-staging"

_DEPLOYS = "netra_ops/tests/integration/deploy/test_documented_commands.py"
_PAGES = "netra_ops/tests/integration/deploy/test_pages.py"
_TERRAFORM = "netra_cloud/tests/integration/terraform/test_real_terraform.py"
_NIGHTLY = "tests/nightly/test_deploys.py"
# Start of a command -> the test that types it, and what that test contains.
ELSEWHERE = {
    "netra deploy": (_DEPLOYS, "netra deploy --dry-run"),
    "netra rollback": (_DEPLOYS, "netra rollback"),
    "netra release status": (_DEPLOYS, "netra release status"),
    "python scripts/deploy_to_gcp.py --project P": (_DEPLOYS, "--rollback --dry-run"),
    "npm run deploy:staging -- --invalidate-cache": (_PAGES, "--invalidate-cache"),
    "cd frontend && npm run ": (_PAGES, "deploy:staging"),
    "gcloud run ": ("netra_cloud/tests/nightly/run/test_gcloud.py", "update-traffic"),
    "cd terraform-gcp-staging": (_TERRAFORM, "plan"),
    "terraform init": (_TERRAFORM, "init"),
    "terraform plan": (_TERRAFORM, "-detailed-exitcode"),
    "terraform apply": (_TERRAFORM, "apply"),
    "python -m pytest tests/nightly/test_deploys.py": (_NIGHTLY, "def test_"),
    "python -m benchmarks.deploys": (_NIGHTLY, "benchmarks.deploys"),
    "python -m netra_backend.app.migrate": (
        "netra_backend/tests/unit/db/test_migrations.py",
        "netra_backend.app.migrate",
    ),
    "python scripts/test_websocket_protocol.py": (
        "tests/e2e/test_protocol_script.py",
        "scripts/test_websocket_protocol.py",
    ),
    "python scripts/verify_frontend_bundle.py": (
        "tests/e2e/browser/test_bundle.py",
        "verify_frontend_bundle.py",
    ),
    # Each start of the platform runs it, so each test with ``stack`` does.
    "python -m auth_service.app.migrate": ("netra_ops/stack/migrations.py", "auth_service"),
    "python scripts/deploy_to_gcp.py --project netra-staging --rollback": (
        _DEPLOYS,
        "--project P --rollback",
    ),
    "python scripts/rollback_infrastructure.py --environment staging --var-file": (
        "netra_ops/tests/integration/terraform/test_rollback.py",
        "rollback_infrastructure.py",
    ),
    "netra cloud up": ("netra_ops/tests/integration/cloud/test_commands.py", '"up"'),
    "netra validate --suite quick": ("netra_ops/tests/unit/validate/test_command.py", "suite"),
    "netra validate --row operations.rollback-drill": (
        "netra_ops/tests/unit/validate/test_rollback_drill.py",
        "rollback_drill",
    ),
}
# Nothing of this project answers them, or they need a person.
NOT_OURS = ("gcloud auth application-default login", "openssl rand ")


def documented() -> list[str]:
    """Return the commands of the pages, each once: on lines of their own, or in backquotes."""
    found: list[str] = []
    for page in PAGES:
        for line in (PROJECT_ROOT / page).read_text("utf-8").splitlines():
            typed = re.match(rf"(?: {{4,}}|\$ )({PROGRAMS}.*)", line)
            found += [typed[1]] if typed else _in_backquotes(line)
    return list(dict.fromkeys(line.partition("  #")[0].strip() for line in found))


def _in_backquotes(line: str) -> list[str]:
    """Return whole commands; a program or a sub-command alone is a name."""
    found = re.findall(rf"`({PROGRAMS}[^`]*)`", line)
    return [one for one in found if len(one.split()) > SHORTEST_WORDS]


def typed_here() -> list[str]:
    """Return those that no other test types."""
    return [line for line in documented() if not line.startswith((*ELSEWHERE, *NOT_OURS))]


@pytest.mark.parametrize("start", ELSEWHERE)
def test_the_other_test_types_a_documented_command(start: str) -> None:
    path, content = ELSEWHERE[start]
    assert content in (PROJECT_ROOT / path).read_text("utf-8")
    assert any(line.startswith(start) for line in documented())


@pytest.mark.parametrize("command", typed_here())
async def test_the_command_works_as_it_is_written(
    command: str, stack: Stack, tmp_path: Path
) -> None:
    async with IdentityClient(stack.url) as identity:
        person = await identity.register(f"runbook-{uuid4().hex[:12]}@example.com", uuid4().hex)
    line = command.replace(" ENV", " local").replace("60s", "2s").replace("URL/", f"{stack.url}/")
    line = line.replace("EMAIL", person.user.email).replace("TOKEN", person.access_token)
    process = await asyncio.create_subprocess_exec(
        *("bash", "-c", line),
        cwd=PROJECT_ROOT,
        env={
            **{name: value for name, value in os.environ.items() if not name.startswith("NETRA_")},
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
            "NETRA_DATA_DIR": str(stack.paths.data_dir),
            "HOME": str(tmp_path),
            "CLOUDSDK_CONFIG": str(tmp_path),
            "GOOGLE_APPLICATION_CREDENTIALS": "",
            "NO_GCE_CHECK": "true",
        },
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    async with asyncio.timeout(DEADLINE):
        output, _ = await process.communicate()
    assert output
    assert process.returncode == (EXIT_ABSENT if ABSENT in command else 0), output.decode()
