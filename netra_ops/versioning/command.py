"""``scripts/release.py``: prepare a release, print its notes, or write an SBOM."""

import argparse
import subprocess
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from netra_ops.versioning.changelog import (
    ReleaseRefused,
    project_version,
    release_notes,
    released,
    with_version,
)

UV_SECONDS = 300.0
EXAMPLES = """examples:
  scripts/release.py prepare 0.3.0     set the version, close the section of the change log
  scripts/release.py notes             print the entries of the current version
  scripts/release.py sbom sbom.json    write a CycloneDX 1.5 SBOM of what is deployed

Exit status: 0 done, 1 refused."""


def main(root: Path, arguments: Sequence[str] | None = None) -> int:
    """Run the command in ``root`` and return the exit status."""
    parser = argparse.ArgumentParser(
        prog="scripts/release.py",
        description="Prepare a release of this repository.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = parser.add_subparsers(dest="command", required=True)
    prepare = commands.add_parser("prepare", help="set the version and close the change log")
    prepare.add_argument("version", help="MAJOR.MINOR.PATCH")
    commands.add_parser("notes", help="print the entries of the current version")
    sbom = commands.add_parser("sbom", help="write a CycloneDX SBOM from uv.lock")
    sbom.add_argument("path", type=Path, help="file to write")
    options = parser.parse_args(arguments)
    try:
        if options.command == "prepare":
            _prepare(root, options.version)
        elif options.command == "notes":
            sys.stdout.write(_notes(root) + "\n")
        else:
            write_sbom(root, options.path)
    except ReleaseRefused as error:
        sys.stderr.write(f"release refused: {error}\n")
        return 1
    return 0


def _prepare(root: Path, version: str) -> None:
    """Change all files, or none, and print the commands that follow."""
    changelog = root / "CHANGELOG.md"
    today = datetime.now(UTC).date()
    # The edge lint is released with the platform, as a package of its own.
    files = [root / "pyproject.toml", root / "netra_cloud" / "pyproject.toml"]
    projects = {file: with_version(file.read_text("utf-8"), version) for file in files}
    history = released(changelog.read_text("utf-8"), version, today)
    for file, project in projects.items():
        file.write_text(project, "utf-8")
    changelog.write_text(history, "utf-8")
    sys.stdout.write(
        f"version {version} is set; next:\n"
        "  uv lock && scripts/export_requirements.sh && ./netra check && ./netra test\n"
        f'  git commit -am "Release {version}" && git tag -s v{version} -m "Netra {version}"\n'
        f"  git push origin main v{version}      starts .github/workflows/release.yml\n"
    )


def _notes(root: Path) -> str:
    version = project_version((root / "pyproject.toml").read_text("utf-8"))
    notes = release_notes((root / "CHANGELOG.md").read_text("utf-8"), version)
    if not notes:
        raise ReleaseRefused(f"CHANGELOG.md has no section for version {version}")
    return notes


def write_sbom(root: Path, path: Path) -> None:
    """Write the packages of both services as CycloneDX 1.5.

    Raises:
        ReleaseRefused: uv is not installed, or the lock does not match ``pyproject.toml``.
    """
    own = root / ".netra" / "uv" / "bin" / "uv"
    uv = str(own) if own.exists() else "uv"
    command = [
        uv, "export", "--locked", "--quiet", "--format", "cyclonedx1.5", "--preview-features",
        "sbom-export", "--no-default-groups", "--group", "auth", "--group", "backend",
        "--output-file", str(path),
    ]  # fmt: skip
    try:
        subprocess.run(command, cwd=root, check=True, timeout=UV_SECONDS, capture_output=True)
    except FileNotFoundError as error:
        raise ReleaseRefused("uv is not installed; run ./netra --help once") from error
    except subprocess.CalledProcessError as error:
        detail = error.stderr.decode(errors="replace").strip()
        raise ReleaseRefused(f"uv export failed: {detail}") from error
