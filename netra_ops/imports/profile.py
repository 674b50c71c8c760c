"""Where the time of an import goes: CPython's ``-X importtime``, run several times, summed up.

The format is one line a module on stderr, ``import time: SELF | CUMULATIVE | NAME`` in
microseconds, the name indented by depth (https://docs.python.org/3/using/cmdline.html#cmdoption-X).
"""

import re
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

_LINE = re.compile(r"^import time:\s+(\d+) \|\s+\d+ \|\s+(\S+)$")
RUN_SECONDS = 120.0
BACKEND = (
    "from netra_shared import quick_start\n"
    "quick_start.prepare('email_validator')\n"
    "from netra_backend.app.core.module_preloader import preload_modules_for_cloud_run\n"
    "preload_modules_for_cloud_run()\n"
)


@dataclass(frozen=True, slots=True)
class PackageCost:
    """A top-level package: its own modules, and their own milliseconds together."""

    name: str
    modules: int
    milliseconds: float


def self_times(stderr: str) -> dict[str, float]:
    """Return milliseconds by module, without what the module imported in turn."""
    found: dict[str, float] = {}
    for line in stderr.splitlines():
        if match := _LINE.match(line):
            found[match[2]] = found.get(match[2], 0.0) + int(match[1]) / 1000
    return found


def least(runs: Iterable[Mapping[str, float]]) -> dict[str, float]:
    """Return each module's smallest time: its cost on an idle machine."""
    smallest: dict[str, float] = {}
    for run in runs:
        for name, milliseconds in run.items():
            smallest[name] = min(milliseconds, smallest.get(name, milliseconds))
    return smallest


def by_package(modules: Mapping[str, float]) -> list[PackageCost]:
    """Sum up by top-level package, the most expensive first."""
    sums: dict[str, list[float]] = defaultdict(list)
    for name, milliseconds in modules.items():
        sums[name.partition(".")[0]].append(milliseconds)
    costs = [PackageCost(name, len(times), sum(times)) for name, times in sums.items()]
    return sorted(costs, key=lambda cost: cost.milliseconds, reverse=True)


def import_once(program: str) -> dict[str, float]:
    """Run ``program`` in a fresh interpreter and return what each module cost, see ``self_times``.

    Raises:
        subprocess.CalledProcessError: it failed; ``stderr`` has its words.
    """
    finished = subprocess.run(
        [sys.executable, "-X", "importtime", "-c", program],
        capture_output=True, text=True, check=True, timeout=RUN_SECONDS,
    )  # fmt: skip
    return self_times(finished.stderr)
