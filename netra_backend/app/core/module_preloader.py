"""Imports all modules before the first connection is accepted.

A module that is imported for the first time while requests are served, or while the interpreter
shuts down, can fail, block the event loop for hundreds of milliseconds, or miss names that the
interpreter has already cleared. This module therefore imports the application packages and every
third-party module that was observed to load lazily (``lazy_modules.txt``, refreshed by
``./netra imports observe``). No other module imports by name.
"""

import importlib
import importlib.util
import pkgutil
import sys
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

import psutil

from netra_backend.app.core.errors import ModuleNotPreloaded

APPLICATION_PACKAGES = ("netra_shared", "netra_backend.app")
AGENT_PACKAGES = (
    "netra_backend.app.agents",
    "netra_backend.app.runs",
    "netra_backend.app.worker.api",
    "netra_backend.app.worker.gateway_client",
    "netra_backend.app.worker.server",
)
LAZY_MODULES_FILE = Path(__file__).with_name("lazy_modules.txt")
_REPORTED = 10
# Modules of separate programs such as migrations: Alembic and its template engine would take an
# eighth of the start-up time, and `env.py` needs a migration context.
_NOT_SERVING = (
    ".migrations.",
    "netra_shared.stores.migrations.",
    "netra_backend.app.migrate.",
    "netra_backend.app.db.schema.",
)


@dataclass(frozen=True, slots=True)
class PreloadReport:
    """Result of preloading.

    Attributes:
        started: start time, on the clock of ``time.monotonic``.
        count: number of modules that preloading loaded.
        seconds: wall time in total.
        slowest: the ten slowest names with their seconds, imports of theirs included.
        rss_bytes: resident memory afterwards.
        absent: observed names that are not installed (optional extras).
    """

    started: float
    count: int
    seconds: float
    slowest: tuple[tuple[str, float], ...]
    rss_bytes: int
    absent: tuple[str, ...]


class ModulePreloader:
    """Imports packages and modules by name once, and returns only those.

    Args:
        packages: dotted packages, imported with every submodule, or plain modules.
        modules: further dotted modules; those not installed are reported, not refused.
        without: dotted packages that are not imported by name; import statements of other
            modules can still load them.
    """

    def __init__(
        self, packages: Iterable[str], modules: Iterable[str] = (), *, without: Iterable[str] = ()
    ) -> None:
        self._packages = tuple(packages)
        self._without = tuple(f"{name}." for name in without)
        self._modules = tuple(modules)
        self._loaded: dict[str, ModuleType] = {}

    def preload(self, *, packages_only: bool = False) -> PreloadReport:
        """Import everything; a second call finds all modules loaded.

        Args:
            packages_only: skip ``modules``, to observe which of them are needed.

        Raises:
            ImportError: a module of an application package cannot be imported.
        """
        before = len(sys.modules)
        started = time.monotonic()
        timings = [(name, self._load(name)) for name in self._package_modules()]
        modules = () if packages_only else self._modules
        installed = {name: _is_installed(name) for name in modules}
        timings += [(name, self._load(name)) for name, there in installed.items() if there]
        timings.sort(key=lambda item: item[1], reverse=True)
        return PreloadReport(
            started=started,
            count=len(sys.modules) - before,
            seconds=time.monotonic() - started,
            slowest=tuple(timings[:_REPORTED]),
            rss_bytes=psutil.Process().memory_info().rss,
            absent=tuple(name for name, there in installed.items() if not there),
        )

    def get(self, name: str) -> ModuleType:
        """Return a preloaded module.

        Raises:
            ModuleNotPreloaded: ``name`` was not imported by this preloader.
        """
        try:
            return self._loaded[name]
        except KeyError:
            raise ModuleNotPreloaded(
                f"{name} was not preloaded; add it to {LAZY_MODULES_FILE.name} or import it "
                "statically at the top of a module"
            ) from None

    def _package_modules(self) -> Iterable[str]:
        for package_name in self._packages:
            self._load(package_name)
            path = getattr(self._loaded[package_name], "__path__", ())  # a plain module has none
            for found in pkgutil.walk_packages(path, f"{package_name}."):
                if not found.name.endswith("__main__") and not any(
                    part in f"{found.name}." for part in (".tests.", *_NOT_SERVING, *self._without)
                ):
                    yield found.name

    def _load(self, name: str) -> float:
        started = time.perf_counter()
        self._loaded[name] = importlib.import_module(name)
        return time.perf_counter() - started


def _is_installed(name: str) -> bool:
    try:
        return importlib.util.find_spec(name) is not None
    except ModuleNotFoundError:  # a parent package is absent
        return False


def observed_lazy_modules() -> tuple[str, ...]:
    """Return the names in ``lazy_modules.txt``; ``#`` starts a comment."""
    lines = LAZY_MODULES_FILE.read_text(encoding="utf-8").splitlines()
    names = (line.partition("#")[0].strip() for line in lines)
    return tuple(name for name in names if name)


@dataclass(slots=True)
class _Process:
    """The preloader of one of the instance's two processes, and its report."""

    preloader: ModulePreloader
    report: PreloadReport | None = None

    def preload(self, *, packages_only: bool) -> PreloadReport:
        if self.report is None:
            self.report = self.preloader.preload(packages_only=packages_only)
        return self.report


_lazy = observed_lazy_modules()
# The agent framework costs as much as all other modules together: only the agent process has it.
_gateway = _Process(ModulePreloader(APPLICATION_PACKAGES, _lazy, without=AGENT_PACKAGES))
_agents = _Process(ModulePreloader(AGENT_PACKAGES, _lazy))


def preload_modules_for_cloud_run(*, packages_only: bool = False) -> PreloadReport:
    """Import the gateway and the modules that it loads lazily; call before listening.

    The first call does the work; later ones return its report.

    Args:
        packages_only: see ``ModulePreloader.preload``.
    """
    return _gateway.preload(packages_only=packages_only)


def preload_agents(*, packages_only: bool = False) -> PreloadReport:
    """Import the modules of the agent process; call before it serves its gateway."""
    return _agents.preload(packages_only=packages_only)


def get_stable_module(name: str) -> ModuleType:
    """Return the preloaded module ``name`` of the gateway.

    Raises:
        ModuleNotPreloaded: it was not preloaded; it is not imported as a fallback.
    """
    return _gateway.preloader.get(name)


def get_agents_module(name: str) -> ModuleType:
    """Return the preloaded module ``name`` of the agent process; see ``get_stable_module``."""
    return _agents.preloader.get(name)
