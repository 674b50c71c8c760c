"""``python -m netra_ops.check.module_tests``: each source module has a test module.

Why: a test module beside its source shows what is tested and where a new test belongs. The idea is
python-websockets' ``tests/maxi_cov.py``.

``package/[app/]folder/name.py`` is tested by ``package/tests/**/folder/test_name.py``, or by a file
whose name starts with ``test_name_``. ``module_tests.toml`` lists the exceptions: ``covered`` names
the test module of another name, ``exempt`` gives a reason, ``pending`` has no test module yet and
may only shrink. An entry that is not needed is a finding.

Exit status: 0 nothing found, 1 findings.
"""

import sys
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from netra_ops.check.checks import tracked_files

ROOT = Path(__file__).parents[2]
EXCEPTIONS = Path(__file__).with_name("module_tests.toml")
PACKAGES = frozenset(
    {"auth_service", "netra_backend", "netra_client", "netra_cloud", "netra_ops", "netra_shared",
     "test_framework"}
)  # fmt: skip
# They contain imports, constants or a call of a tested module.
WITHOUT_TESTS = frozenset({"__init__.py", "__main__.py"})
NOT_SOURCE = frozenset({"tests", "migrations", "examples"})


@dataclass(frozen=True, slots=True)
class Exceptions:
    """Content of ``module_tests.toml``.

    Args:
        covered: test module by source module.
        exempt: reason by source module.
        pending: modules without a test module.
    """

    covered: Mapping[str, str] = field(default_factory=dict)
    exempt: Mapping[str, str] = field(default_factory=dict)
    pending: frozenset[str] = frozenset()


def load_exceptions(path: Path = EXCEPTIONS) -> Exceptions:
    """Read the exceptions."""
    data = tomllib.loads(path.read_text("utf-8"))
    return Exceptions(
        data.get("covered", {}), data.get("exempt", {}), frozenset(data.get("pending", []))
    )


def source_modules(files: Iterable[PurePosixPath]) -> list[PurePosixPath]:
    """Return the modules that need a test module."""
    return sorted(
        path
        for path in files
        if path.suffix == ".py"
        and path.parts[0] in PACKAGES
        and path.name not in WITHOUT_TESTS
        and not NOT_SOURCE.intersection(path.parts)
    )


def is_test_of(test: PurePosixPath, module: PurePosixPath) -> bool:
    """Return whether ``test`` is a test module of ``module`` by its name and folder."""
    name = test.stem.removeprefix("test_")
    if name != module.stem and not name.startswith(f"{module.stem}_"):
        return False
    if test.parts[0] != module.parts[0] or "tests" not in test.parts:
        return False
    folders = [part for part in module.parts[1:-1] if part != "app"]
    return not folders or folders[-1] in test.parts


def findings(files: Sequence[PurePosixPath], exceptions: Exceptions) -> list[str]:
    """Return the modules without a test module, and the exceptions that are not needed."""
    tests = [path for path in files if path.name.startswith("test_") and path.suffix == ".py"]
    known = {path.as_posix() for path in files}
    found = []
    modules = {module.as_posix(): module for module in source_modules(files)}
    for name, module in modules.items():
        tested = any(is_test_of(test, module) for test in tests)
        listed = name in exceptions.pending or name in exceptions.exempt
        if name in exceptions.covered:
            if exceptions.covered[name] not in known:
                found.append(f"{name}: covered by {exceptions.covered[name]}, which does not exist")
            listed = True
        if tested and listed:
            found.append(f"{name}: has a test module; remove it from {EXCEPTIONS.name}")
        if not tested and not listed:
            found.append(f"{name}: has no test module; add {_expected(module)}")
    listed_names = [*exceptions.covered, *exceptions.exempt, *exceptions.pending]
    found += [
        f"{name}: listed in {EXCEPTIONS.name}, but not a source module; remove it"
        for name in sorted(listed_names)
        if name not in modules
    ]
    return found


def _expected(module: PurePosixPath) -> str:
    folders = [part for part in module.parts[1:-1] if part != "app"]
    return "/".join([module.parts[0], "tests", "unit", *folders, f"test_{module.name}"])


def main() -> int:
    """Check every tracked module; write the findings and return the exit status."""
    files = [PurePosixPath(path.as_posix()) for path in tracked_files(ROOT)]
    exceptions = load_exceptions()
    found = findings(files, exceptions)
    sys.stdout.writelines(f"{item}\n" for item in found)
    total = len(source_modules(files))
    sys.stdout.write(
        f"{len(found)} finding(s); {len(exceptions.pending)} of {total} modules are pending\n"
    )
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
