"""The preloader imports whole packages, reports what that cost, and hands out nothing else."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from netra_backend.app.core.errors import ModuleNotPreloaded
from netra_backend.app.core.module_preloader import ModulePreloader, get_stable_module

ONLY_AGENTS = {"ag_ui", "griffe", "openai", "pydantic_ai", "pydantic_graph"}


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A package of this test alone: two modules, one nested, one that only runs as a script."""
    name = f"preloaded_{tmp_path.name.replace('-', '_')}"
    (tmp_path / name / "inner").mkdir(parents=True)
    (tmp_path / name / "__init__.py").touch()
    (tmp_path / name / "inner" / "__init__.py").touch()
    (tmp_path / name / "inner" / "leaf.py").write_text("VALUE = 7\n")
    (tmp_path / name / "__main__.py").write_text("raise SystemExit('run, not imported')\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    return name


def test_every_submodule_is_imported_and_served(package: str) -> None:
    preloader = ModulePreloader([package])
    report = preloader.preload()
    assert vars(preloader.get(f"{package}.inner.leaf"))["VALUE"] == 7
    assert report.count >= 3
    assert report.slowest[0][1] >= report.slowest[-1][1]
    assert report.rss_bytes > 0


def test_a_second_call_imports_nothing(package: str) -> None:
    preloader = ModulePreloader([package])
    preloader.preload()
    assert preloader.preload().count == 0


def test_an_observed_module_that_is_not_installed_is_reported() -> None:
    report = ModulePreloader([], ["json", "absent_extra.part"]).preload()
    assert report.absent == ("absent_extra.part",)


def test_a_module_of_ours_that_cannot_be_imported_stops_the_start(package: str) -> None:
    with pytest.raises(ModuleNotFoundError, match="no_such_sibling"):
        ModulePreloader([package, f"{package}.no_such_sibling"]).preload()


def test_what_was_not_preloaded_is_refused_and_not_imported() -> None:
    with pytest.raises(ModuleNotPreloaded, match="was not preloaded"):
        get_stable_module("xml.sax.expatreader")


def test_the_real_application_preloads_in_a_fresh_interpreter() -> None:
    program = (
        "import json\n"
        "from netra_backend.app.core.module_preloader import preload_modules_for_cloud_run\n"
        "report = preload_modules_for_cloud_run()\n"
        "from netra_backend.app.core.module_preloader import get_stable_module\n"
        "import sys\n"
        "get_stable_module('netra_backend.app.core.serving')\n"
        "tops = {name.partition('.')[0] for name in sys.modules}\n"
        f"agents = sorted(tops & {ONLY_AGENTS})\n"
        "print(json.dumps([report.count, len(report.slowest), report.absent, agents]))\n"
    )
    result = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=100
    )
    count, reported, absent, agents = json.loads(result.stdout.splitlines()[-1])
    assert count > 100
    assert reported == 10
    assert absent == []
    assert agents == []  # with no late import, the running gateway never has them
