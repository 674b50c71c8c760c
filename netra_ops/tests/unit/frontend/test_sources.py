"""Whether a build is current, judged as the build itself judges it."""

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from netra_ops.frontend import sources
from netra_ops.frontend.build import is_current
from netra_ops.frontend.node import find_node, npm_command
from netra_ops.stack.paths import project_root


@pytest.fixture
def frontend(tmp_path: Path) -> Path:
    """A folder with the inputs of a build, and the script that names them."""
    tmp_path /= "dist"  # a checkout may be anywhere
    tmp_path.mkdir()
    for name in ("package.json", "package-lock.json", "next.config.ts", "tsconfig.json"):
        (tmp_path / name).write_text(json.dumps({"version": "1.2.3"}))
    for name in ("src/app/page.tsx", "src/app/page.test.ts", "src/a.ts", "server/main.ts"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(f"// {name}")
    (tmp_path / "scripts").mkdir()
    shutil.copy(project_root() / "frontend" / "scripts" / "identity.ts", tmp_path / "scripts")
    return tmp_path


def digest_of_the_build(frontend: Path) -> str:
    script = "import { buildIdentity } from './scripts/identity.ts'; "
    script += "process.stdout.write(buildIdentity().digest)"
    done = subprocess.run(
        [find_node(), "--input-type=module", "-e", script],
        cwd=frontend, capture_output=True, text=True, check=True, timeout=120,
    )  # fmt: skip
    return done.stdout


def test_both_languages_find_the_same_digest(frontend: Path) -> None:
    assert sources.source_digest(frontend) == digest_of_the_build(frontend)


def test_a_build_is_current_until_a_source_changes(frontend: Path) -> None:
    assert not is_current(frontend)
    (frontend / "out").mkdir()
    document = {"digest": sources.source_digest(frontend)}
    (frontend / "out" / "version.json").write_text(json.dumps(document))
    assert is_current(frontend)
    (frontend / "src" / "app" / "page.test.ts").write_text("// tests are not built")
    assert is_current(frontend)
    (frontend / "src" / "new.ts").write_text("")
    assert not is_current(frontend)


def test_a_damaged_build_is_none(frontend: Path) -> None:
    (frontend / "out").mkdir()
    (frontend / "out" / "version.json").write_text("{")
    assert sources.built_digest(frontend) is None


def test_packages_are_installed_again_when_the_lock_changed(frontend: Path) -> None:
    assert not sources.packages_are_current(frontend)
    (frontend / "node_modules").mkdir()
    (frontend / sources.LOCK_STAMP).write_text(sources.lock_digest(frontend))
    assert sources.packages_are_current(frontend)
    (frontend / "package-lock.json").write_text("{}")
    assert not sources.packages_are_current(frontend)


def test_npm_of_the_wheel_runs() -> None:
    done = subprocess.run(
        [*npm_command(), "--version"], capture_output=True, text=True, check=True, timeout=120
    )
    assert done.stdout.strip()[0].isdigit()
