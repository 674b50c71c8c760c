"""Builds the frontend, only when its sources changed."""

from pathlib import Path

from netra_ops.frontend import sources
from netra_ops.frontend.node import find_node
from netra_ops.frontend.packages import Report, build_lock, install_packages
from netra_ops.frontend.steps import run_step

BUILD_SECONDS = 300.0  # 25 s alone, a minute and more beside a whole test suite
MERGE_SECONDS = 60.0  # 32 MiB compress in 5 s


def is_current(frontend: Path) -> bool:
    """Return whether ``out`` is what the present sources make."""
    return sources.built_digest(frontend) == sources.source_digest(frontend)


async def build_frontend(
    frontend: Path, log_path: Path, report: Report, *, clean: bool = False
) -> bool:
    """Build ``frontend/out`` if it is not current; return whether it was built.

    A build that fails leaves the former one where it was.

    Args:
        frontend: the folder with ``package.json``.
        log_path: gets what npm and Next.js print.
        report: called with a description of each step.
        clean: build although it is current, without what earlier builds left.

    Raises:
        FrontendBuildFailed: names the step and the reason, with the remedy.
        SomethingAbsent: there is no Node.
        TimeoutError: another process has been building for too long.
    """
    if is_current(frontend) and not clean:
        return False
    async with build_lock(frontend, report):
        if is_current(frontend) and not clean:  # another process built it meanwhile
            return False
        await install_packages(frontend, log_path, report)
        report("building")
        command: list[str | Path] = [find_node(), "scripts/build.ts"]
        command += ["--no-cache"] if clean else []
        await run_step("npm run build", command, frontend, log_path, BUILD_SECONDS)
        return True


async def add_earlier(frontend: Path, site: Path, earlier: Path, log_path: Path) -> None:
    """Add the hashed files of earlier releases to a copy of the built site.

    Args:
        frontend: the folder with ``package.json``.
        site: the copy; gets the files and a manifest that names them.
        earlier: the files with their own manifest; one that does not exist adds nothing.
        log_path: gets what the step prints.

    Raises:
        FrontendBuildFailed: a file is not what the manifest describes.
        SomethingAbsent: there is no Node.
    """
    command: list[str | Path] = [find_node(), "scripts/add-earlier.ts", site, earlier]
    await run_step("add-earlier", command, frontend, log_path, MERGE_SECONDS)
