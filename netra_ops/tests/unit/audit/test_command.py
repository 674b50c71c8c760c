"""``netra audit`` from the command line."""

import pytest

from netra_ops.audit.osv import AdvisoriesUnreachable
from netra_ops.cli import root_command
from netra_ops.services.loopback import LOOPBACK, free_port
from netra_ops.tests.unit.audit.test_osv import database


def run(capsys: pytest.CaptureFixture[str], url: str) -> tuple[object, str]:
    with pytest.raises(SystemExit) as ended:
        root_command().main(["audit", "--url", url], prog_name="netra")
    return ended.value.code, capsys.readouterr().out


def test_a_lock_without_known_vulnerabilities_is_status_0(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with database() as (url, _):
        status, output = run(capsys, url)
    assert status == 0
    assert output.startswith("0 vulnerable of ")
    assert "of uv.lock" in output


def test_no_database_is_an_error_and_no_verdict(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(AdvisoriesUnreachable, match="not audited"):
        root_command().main(
            ["audit", "--url", f"http://{LOOPBACK}:{free_port()}"], prog_name="netra"
        )
    assert "vulnerable" not in capsys.readouterr().out
