"""Runs mutmut over the pure cores and judges who survived.

``python -m test_framework.cores.mutants`` takes about two minutes on two cores. Exit status: 0
when every mutant was killed or is justified in ``survivors.toml``, else 1.
"""

import re
import shutil
import subprocess
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from test_framework.cores.catalogue import Survivor, load_survivors
from test_framework.project import PROJECT_ROOT

RUN_SECONDS = 3600.0
SHOW_SECONDS = 120.0
WORKSPACE = PROJECT_ROOT / "mutants"  # mutmut's own; ignored by git and by every check
STATUS = re.compile(r"^\s*(?P<name>[\w.ǁ]+): (?P<status>[a-z ]+)$")


@dataclass(frozen=True)
class Mutant:
    """One mutant that is not dead.

    Args:
        name: mutmut's.
        status: ``survived``, ``no tests``, ``timeout``, ``suspicious`` and the like.
        module: the mutated file.
        removed: the original lines, without indentation, joined by a newline.
        added: the mutated lines.
    """

    name: str
    status: str
    module: str
    removed: str
    added: str

    def __str__(self) -> str:
        """Return its name and what it changes."""
        return f"{self.name} ({self.status})\n  - {self.removed}\n  + {self.added}"


@dataclass(frozen=True)
class Verdict:
    """What came of a run.

    Args:
        mutants: how many were made.
        unexplained: who lives without a justification.
        stale: justifications of mutants that do not live, or do not exist any more.
    """

    mutants: int
    unexplained: tuple[Mutant, ...]
    stale: tuple[Survivor, ...]

    @property
    def is_green(self) -> bool:
        """Whether every mutant is dead or justified, and every justification needed."""
        return self.mutants > 0 and not self.unexplained and not self.stale


def judge(mutants: int, alive: Iterable[Mutant], justified: Sequence[Survivor]) -> Verdict:
    """Compare who lives with who may."""
    unused = list(justified)
    unexplained = []
    for mutant in alive:
        match = next((one for one in justified if _is_about(one, mutant)), None)
        if match is None or mutant.status != "survived":
            unexplained.append(mutant)
        elif match in unused:
            unused.remove(match)
    return Verdict(mutants, tuple(unexplained), tuple(unused))


def run(workers: int = 2) -> Verdict:
    """Mutate, test, judge. Starts from nothing, so a result of an earlier run cannot pass.

    Raises:
        RuntimeError: mutmut could not run; with the end of its output.
    """
    shutil.rmtree(WORKSPACE, ignore_errors=True)
    finished = _mutmut("run", "--max-children", str(workers), seconds=RUN_SECONDS)
    if finished.returncode != 0:
        raise RuntimeError(
            f"mutmut ended with status {finished.returncode}: {finished.stdout[-3000:]}"
        )
    statuses = _statuses(_mutmut("results", "--all", "true", seconds=SHOW_SECONDS).stdout)
    alive = [_examined(name, status) for name, status in statuses.items() if status != "killed"]
    return judge(len(statuses), alive, load_survivors())


def changed_lines(diff: str) -> tuple[str, str, str]:
    """Return file, removed and added lines of a unified diff."""
    module, removed, added = "", [], []
    for line in diff.splitlines():
        if line.startswith("--- "):
            module = line[4:].strip()
        elif line.startswith("-") and not line.startswith("---"):
            removed.append(line[1:].strip())
        elif line.startswith("+") and not line.startswith("+++"):
            added.append(line[1:].strip())
    return module, "\n".join(removed), "\n".join(added)


def _statuses(listing: str) -> dict[str, str]:
    matches = filter(None, map(STATUS.match, listing.splitlines()))
    return {match["name"]: match["status"] for match in matches}


def _examined(name: str, status: str) -> Mutant:
    module, removed, added = changed_lines(_mutmut("show", name, seconds=SHOW_SECONDS).stdout)
    return Mutant(name, status, module, removed, added)


def _is_about(survivor: Survivor, mutant: Mutant) -> bool:
    return (survivor.module, survivor.removed, survivor.added) == (
        mutant.module,
        mutant.removed,
        mutant.added,
    )


def _mutmut(*arguments: str, seconds: float) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [str(Path(sys.executable).parent / "mutmut"), *arguments],
        cwd=PROJECT_ROOT,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
        timeout=seconds,
    )


def main() -> int:
    """Run and report; returns the exit status."""
    verdict = run()
    for mutant in verdict.unexplained:
        sys.stdout.write(f"alive: {mutant}\n")
    for survivor in verdict.stale:
        sys.stdout.write(f"justified for nothing: {survivor.module}: {survivor.added}\n")
    sys.stdout.write(
        f"{verdict.mutants} mutants, {len(verdict.unexplained)} alive without a reason, "
        f"{len(verdict.stale)} stale reason(s)\n"
    )
    return 0 if verdict.is_green else 1


if __name__ == "__main__":
    sys.exit(main())
