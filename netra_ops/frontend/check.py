"""``python -m netra_ops.frontend.check WHAT``: the frontend's part of ``netra check``.

Installs the packages first when they are not there. Exit status: 0 in order, 1 not, 3 a package
or Node is absent and cannot be installed.
"""

import argparse
import asyncio
import json
import subprocess
import sys
from pathlib import Path
from typing import Any, Final

from netra_ops.errors import OperatorError
from netra_ops.frontend.node import find_node, npm_command
from netra_ops.frontend.packages import build_lock, install_packages
from netra_ops.frontend.steps import node_environment
from netra_ops.stack.paths import project_root

EXIT_ABSENT = 3
CHECK_SECONDS = 300.0
TOLERATED: Final = frozenset({"info", "low", "moderate"})
COMMANDS: Final = {
    "types": ("node_modules/typescript/bin/tsc", "--noEmit"),
    "lint": ("node_modules/oxlint/bin/oxlint", "--type-aware", "--deny-warnings"),
}


def main() -> int:
    """Run one check."""
    parser = argparse.ArgumentParser(prog="python -m netra_ops.frontend.check")
    parser.add_argument("check", choices=(*COMMANDS, "audit"))
    check = parser.parse_args().check
    frontend = project_root() / "frontend"
    try:
        asyncio.run(_install(frontend))
    except (OperatorError, TimeoutError) as error:
        sys.stderr.write(f"netra: {error}\n")
        return EXIT_ABSENT
    if check == "audit":
        return _audit(frontend)
    return _run(frontend, [str(find_node()), *COMMANDS[check]]).returncode


def judge(document: dict[str, Any]) -> tuple[int, str]:
    """Return the exit status and the verdict for what ``npm audit --json`` says.

    A registry without an audit service, or none at all, leaves the question open: that is said,
    and is no failure of the packages.
    """
    if "vulnerabilities" not in document:
        reason = document.get("message") or "no answer"
        return 0, f"not possible here, the registry does not audit: {reason}"
    severe = {
        name: entry["severity"]
        for name, entry in document["vulnerabilities"].items()
        if entry["severity"] not in TOLERATED
    }
    if not severe:
        return 0, f"no severe advisory ({len(document['vulnerabilities'])} lesser ones)"
    named = ", ".join(f"{name} ({severity})" for name, severity in sorted(severe.items()))
    return 1, f"severe advisories: {named}; run npm audit in frontend/ for details"


async def _install(frontend: Path) -> None:
    log = frontend / "node_modules" / ".netra-install.log"
    log.parent.mkdir(exist_ok=True)

    def report(step: str) -> None:
        sys.stderr.write(f"netra: {step}\n")

    async with build_lock(frontend, report):
        await install_packages(frontend, log, report)


def _audit(frontend: Path) -> int:
    command = [*map(str, npm_command()), "audit", "--json"]
    done = _run(frontend, command, capture=True)
    try:
        document = json.loads(done.stdout)
    except ValueError:
        document = {"message": "npm audit gave no answer"}
    status, verdict = judge(document)
    sys.stdout.write(f"{verdict}\n")
    return status


def _run(
    frontend: Path, command: list[str], *, capture: bool = False
) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        command, cwd=frontend, env=node_environment(), check=False, text=True,
        capture_output=capture, timeout=CHECK_SECONDS,
    )  # fmt: skip


if __name__ == "__main__":
    sys.exit(main())
