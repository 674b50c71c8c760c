"""The checks as data: each is a command line over the files that it reads."""

import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from netra_ops.errors import SomethingAbsent

GIT_SECONDS = 30.0
# docs: examples that show a defect on purpose. pytest: mypy would take it for the installed one.
UNTYPED = frozenset({"docs", "pytest"})


@dataclass(frozen=True)
class Check:
    """One check.

    Args:
        name: shown in the table; also the argument of ``--only``.
        argv: its command line; empty when there is nothing to check.
        fix_argv: the command line that fixes what a tool can fix; empty when none does.
        skipped: why there is nothing to check.
    """

    name: str
    argv: tuple[str, ...]
    fix_argv: tuple[str, ...] = ()
    skipped: str = ""


def tracked_files(root: Path) -> list[Path]:
    """Return the files under version control and the new ones that are not ignored.

    Raises:
        SomethingAbsent: ``root`` is not a git checkout, or git is not installed.
    """
    try:
        finished = subprocess.run(
            ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
            cwd=root, capture_output=True, check=True, timeout=GIT_SECONDS,
        )  # fmt: skip
    except (OSError, subprocess.CalledProcessError) as error:
        raise SomethingAbsent(
            f"git cannot list the files of {root}",
            remedy="install git and run this in a git checkout",
        ) from error
    names = [name for name in finished.stdout.decode().split("\0") if name]
    return [Path(name) for name in names if (root / name).is_file()]


def all_checks(root: Path, files: Sequence[Path]) -> list[Check]:
    """Return every check over ``files`` (relative to ``root``), slowest first."""
    shell = [path for path in files if is_shell(root / path)]
    docker = [path for path in files if path.name.endswith("Dockerfile")]
    compose = [path for path in files if path.name.endswith(("compose.yml", "compose.yaml"))]
    shellcheck = _tool("shellcheck")[0]
    workflows = [path for path in files if path.parent.as_posix() == ".github/workflows"]
    typed = [path for path in files if path.suffix == ".py" and path.parts[0] not in UNTYPED]
    python_parts = sorted({path.parts[0] for path in typed})
    return [
        Check("types", _tool("mypy", *python_parts)),
        Check("imports", _tool("lint-imports")),
        _module(root, "netra_ops/check/static_imports", "static-imports"),
        Check("lint", _tool("ruff", "check", "."), _tool("ruff", "check", "--fix", ".")),
        Check("format", _tool("ruff", "format", "--check", "."), _tool("ruff", "format", ".")),
        _over("shell", _tool("shellcheck"), shell, "no shell scripts"),
        _over("dockerfiles", _tool("hadolint"), docker, "no Dockerfiles"),
        _over("zizmor", _tool("zizmor", "--offline", "--quiet"), workflows, "no workflows"),
        _over(
            "actionlint",
            _tool("actionlint", f"-shellcheck={shellcheck}"),
            workflows,
            "no workflows",
        ),
        _over(
            "compose",
            _tool("check-jsonschema", "--builtin-schema", "vendor.compose-spec"),
            compose,
            "no Compose files",
        ),
        _module(root, "test_framework/integrity", "integrity"),
        _module(root, "netra_ops/check/prose", "prose"),
        _module(root, "netra_ops/check/line_limit", "line-limit"),
        _module(root, "netra_ops/check/error_codes", "error-codes"),
        _module(root, "netra_ops/check/module_tests", "module-tests"),
        _terraform(root),
        *_frontend_checks(root),
        *_script_checks(root),
    ]


def _terraform(root: Path) -> Check:
    """Return the check of the Terraform stack; it needs no terraform binary."""
    script = "scripts/check_terraform.py"
    if not (root / script).is_file():
        return Check("terraform", (), skipped=f"{script} does not exist")
    return Check("terraform", (sys.executable, script))


def _frontend_checks(root: Path) -> list[Check]:
    """Return the frontend checks; they install the npm packages when these are missing."""
    if not (root / "frontend" / "package.json").is_file():
        return [Check("frontend", (), skipped="frontend does not exist")]
    module = (sys.executable, "-m", "netra_ops.frontend.check")
    return [Check(f"frontend-{name}", (*module, name)) for name in ("types", "lint", "audit")]


def is_shell(path: Path) -> bool:
    """Return whether ``path`` is a shell script, by its name or its first line."""
    if path.suffix == ".sh":
        return True
    if path.suffix:
        return False
    with path.open("rb") as file:
        first = file.readline(100)
    return first.startswith(b"#!") and first.split()[0].endswith((b"/sh", b"/bash", b"/dash"))


def _script_checks(root: Path) -> list[Check]:
    """Return the checks of generated files: each generator has ``--check``."""
    interpreters = {".sh": "/bin/sh", ".py": sys.executable}
    found = []
    for pattern in ("generate_*.py", "export_*.sh"):
        for script in sorted((root / "scripts").glob(pattern)):
            command = (interpreters[script.suffix], str(script.relative_to(root)))
            found.append(Check(script.stem.replace("_", "-"), (*command, "--check"), command))
    return found


def _over(name: str, command: tuple[str, ...], files: Sequence[Path], nothing: str) -> Check:
    if not files:
        return Check(name, (), skipped=nothing)
    return Check(name, (*command, *(str(path) for path in files)))


def _module(root: Path, path: str, name: str) -> Check:
    if not ((root / path).is_dir() or (root / f"{path}.py").is_file()):
        return Check(name, (), skipped=f"{path} does not exist")
    return Check(name, (sys.executable, "-m", path.replace("/", ".")))


def _tool(name: str, *arguments: str) -> tuple[str, ...]:
    """Return the command line of a tool of this environment."""
    return (str(Path(sys.executable).parent / name), *arguments)
