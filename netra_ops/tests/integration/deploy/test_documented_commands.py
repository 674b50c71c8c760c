"""Every command of the pages about deploys is typed as written, against a small staging.

Only what makes it short is added: the image of the small service, and quick steps.
"""

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest

from netra_ops.cli import root_command
from netra_ops.deploy.gcp_script import main as script
from netra_ops.exit_status import exit_status_of
from netra_ops.stack.paths import project_root
from netra_ops.tests.integration.deploy.small_cloud import QUICK, SmallCloud, small_cloud

PAGES = ("docs/deploying.md", "docs/runbook/deploy-and-rollback.md")
BECAUSE = ("--force", "the other one is slow")
SCRIPT = "python scripts/deploy_to_gcp.py "
# Typed by other tests: gcloud in netra_cloud/tests/nightly/run/test_gcloud.py, Terraform in
# netra_cloud/tests/integration/terraform, the bundle's check in tests/e2e/browser/test_bundle.py,
# npm in test_pages.py.
ELSEWHERE = ("gcloud run services ", "python scripts/verify_frontend_bundle.py", "cd terraform",
             "terraform ", "cd frontend && npm run ")  # fmt: skip


def documented() -> list[str]:
    """Return the indented commands of the pages, each once, without their comments."""
    lines = [
        line.strip().partition("  #")[0].strip()
        for page in PAGES
        for line in (project_root() / page).read_text().splitlines()
        if re.match(r" {4,}(netra|python|gcloud|cd|terraform) ", line)
    ]
    return [line for line in dict.fromkeys(lines) if not line.startswith(ELSEWHERE)]


@pytest.fixture
def staging(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[SmallCloud]:
    monkeypatch.setenv("NETRA_STAGING_PROJECT", "small-staging")
    monkeypatch.setenv("NETRA_EMAIL", "operator@example.com")
    monkeypatch.setenv("NETRA_PASSWORD", "secret")
    with small_cloud(tmp_path, "staging") as cloud:
        for name in ("BASE_URL", "AUTH_URL", "FRONTEND_URL"):
            monkeypatch.setenv(f"NETRA_STAGING_{name}", cloud.url)
        monkeypatch.setenv("CLOUDSDK_API_ENDPOINT_OVERRIDES_RUN", cloud.process.api)
        yield cloud


class Typist:
    """Types commands in one process, and knows which were typed."""

    def __init__(self, cloud: SmallCloud) -> None:
        self._cloud = cloud
        self.typed: list[str] = []

    def type(self, line: str, *, build: str = "") -> int:
        """Type a line; ``build`` names the image that a deploy takes."""
        self.typed.append(line)
        image = ("--image", f"backend={self._cloud.image(build)}") if build else ()
        only = ("--service", "backend")
        if line.startswith(SCRIPT):
            words = shlex.split(line.removeprefix(SCRIPT).replace(" P ", " small-staging "))
            return script(words)
        words = shlex.split(line.removeprefix("netra "))
        added = (*image, *only, *QUICK) if build else ()
        return exit_status_of(
            lambda: int(root_command().main([*words, *added], standalone_mode=False) or 0)
        )


def test_every_documented_command_works(
    staging: SmallCloud, capfd: pytest.CaptureFixture[str]
) -> None:
    typist = Typist(staging)
    for build in ("v2", "v3"):
        assert typist.type("netra deploy --dry-run", build=build) == 0
        assert typist.type('netra deploy --reason "fix reconnects"', build=build) == 0
        assert staging.build_at() == build
    assert typist.type("netra release status") == 0
    assert typist.type(f"{SCRIPT}--project P --status") == 0
    shown = capfd.readouterr().out
    assert shown.count("100 %") >= 2, shown
    assert typist.type(f"{SCRIPT}--project P --rollback --dry-run") == 0
    assert staging.build_at() == "v3"
    assert typist.type(f"{SCRIPT}--project P --rollback") == 0
    assert staging.build_at() == "v2"

    assert typist.type("netra deploy --resume", build="v3") == 1
    assert "no deploy was interrupted" in capfd.readouterr().err
    assert typist.type("netra rollback") == 1
    assert "no other verified release is on record" in capfd.readouterr().err
    assert typist.type('netra deploy --break-lock "ana\'s laptop is off-line"', build="v2") == 0
    assert "nothing to deploy" in capfd.readouterr().out
    promoted = "netra deploy -e production --image backend=REPOSITORY/netra-backend@sha256:DIGEST"
    assert typist.type(promoted) == 1  # that project is empty here: refused before anything
    assert "has no such service" in capfd.readouterr().err

    assert set(documented()) == set(typist.typed)


def test_a_rollback_that_cannot_move_sockets_pins_nothing(
    staging: SmallCloud, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    assert Typist(staging).type("netra deploy", build="v2") == 0
    first, second = (one.services[0].revision for one in staging.ledger.releases)

    monkeypatch.setenv("NETRA_PASSWORD", "wrong")
    assert script(["--project", "small-staging", "--rollback", "--revision", first, *BECAUSE]) == 1
    assert "cannot sign in for the checks" in capfd.readouterr().err
    assert (staging.build_at(), staging.traffic) == ("v1", {None: 100})

    monkeypatch.delenv("NETRA_EMAIL")
    assert script(["--project", "small-staging", "--rollback", "--revision", second, *BECAUSE]) == 0
    assert "sockets stay on the former release until their end" in capfd.readouterr().err
    assert (staging.build_at(), staging.traffic) == ("v2", {None: 100})
