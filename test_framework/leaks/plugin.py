"""Fails every test that leaves something behind, by name.

What a fixture of a wider scope starts during a test belongs to that fixture and is looked for when
the session has ended; the same goes for tests that share an event loop of a wider scope. A test
that failed already is not examined: its traceback keeps things alive.
"""

import gc
import logging
import time
from dataclasses import replace
from typing import Any

import pytest

from test_framework.leaks.loops import LoopErrors, check_before_close
from test_framework.leaks.resources import Resources, held, sorted_by_pid
from test_framework.leaks.strays import mark_this_run, strays

SETTLE = "netra_leak_settle_seconds"
SETTLE_SECONDS = 10.0  # for what was asked to end and is ending, on a machine that pauses
POLL_SECONDS = 0.01
# PostgreSQL, signalled by the kernel that its worker is gone, takes up to 5 s on a busy machine.
STRAY_SHARE = 2.0  # of the settling time
STRAY_POLL_SECONDS = 0.1
RUNNERS = "_scoped_runner"  # how pytest-asyncio's fixtures of the loops end; a test proves it
OUTPUT_KEY = "netra_leaks"
FAILED = pytest.StashKey[bool]()
PLUGIN = "netra-leaks"


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the setting of this plugin; sessions that leak on purpose shorten it."""
    parser.addini(
        SETTLE, "how long what a test leaves may take to end", default=str(SETTLE_SECONDS)
    )


def pytest_configure(config: pytest.Config) -> None:
    """Register the check; the run's processes can be recognised from now on."""
    if not hasattr(config, "workerinput"):
        mark_this_run()
    config.pluginmanager.register(LeakCheck(float(config.getini(SETTLE))), PLUGIN)


class LeakCheck:
    """Compares what this process holds before and after each test.

    Args:
        settle_seconds: how long what is ending may take to end.
    """

    def __init__(self, settle_seconds: float) -> None:
        self._settle_seconds = settle_seconds
        self._before = Resources()
        self._of_wider_scope = Resources()
        self._tasks: list[str] = []
        self._wide_loops = 0
        self._errors = LoopErrors()
        self._at_start = Resources()
        self._after_session: list[str] = []

    def pytest_sessionstart(self) -> None:
        """Take the first snapshot."""
        self._at_start = held()
        logging.getLogger("asyncio").addHandler(self._errors)

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_setup(self) -> Any:
        """Take the snapshot before a test."""
        self._before = held()
        self._of_wider_scope = Resources()
        self._tasks = []
        return (yield)

    @pytest.hookimpl(wrapper=True)
    def pytest_fixture_setup(self, fixturedef: pytest.FixtureDef[Any]) -> Any:
        """Account for what fixtures of a wider scope start; watch the loops."""
        if fixturedef.scope == "function":
            value = yield
            if fixturedef.argname.endswith(RUNNERS):
                check_before_close(value, self._tasks.append, self._settle_seconds)
            return value
        before = held()
        value = yield
        self._of_wider_scope |= held() - before
        if fixturedef.argname.endswith(RUNNERS):
            self._wide_loops += 1
            check_before_close(
                value, self._after_session.append, self._settle_seconds, self._wide_loop_ends
            )
        return value

    def _wide_loop_ends(self) -> None:
        self._wide_loops -= 1

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item, call: pytest.CallInfo[None]
    ) -> Any:  # pluggy's generator protocol has no useful type here
        """Remember that a test failed."""
        if call.excinfo is not None:
            item.stash[FAILED] = True
        return (yield)

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_teardown(self, item: pytest.Item) -> Any:
        """Compare after everything of the test was torn down."""
        result = yield
        errors = self._errors.taken()
        if item.stash.get(FAILED, False):
            return result
        leaks = [*self._tasks, *(f"event loop: {error}" for error in errors)]
        if not self._wide_loops:  # else what continues in that loop outlasts single tests
            leaks += self._left(self._before | self._of_wider_scope).described()
        if leaks:
            pytest.fail("\n".join([f"{item.nodeid} leaves behind:", *leaks]), pytrace=False)
        return result

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Look for what fixtures of a wider scope left, and for processes that escaped."""
        logging.getLogger("asyncio").removeHandler(self._errors)
        left = self._left(self._at_start)
        # Threads and sockets end with this process; children may not.
        self._after_session += Resources(processes=left.processes).described()
        output = getattr(session.config, "workeroutput", None)
        if output is not None:
            output[OUTPUT_KEY] = self._after_session
            return
        known = {one.pid for one in sorted_by_pid(left.processes)}
        self._after_session += _settled_strays(known, STRAY_SHARE * self._settle_seconds)
        if self._after_session:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any) -> None:
        """Take over what an xdist worker found at its end."""
        self._after_session += getattr(node, "workeroutput", {}).get(OUTPUT_KEY, [])

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Say what was left behind by the session."""
        if self._after_session:
            terminalreporter.section("left behind by the session", red=True)
            for line in self._after_session:
                terminalreporter.line(line)

    def _left(self, allowed: Resources) -> Resources:
        left = _new(allowed)
        if not left:
            return left
        gc.collect()  # an exception's traceback keeps a frame's variables in a cycle
        give_up = time.monotonic() + self._settle_seconds
        while (left := _new(allowed)) and time.monotonic() < give_up:
            time.sleep(POLL_SECONDS)
        return left


def _settled_strays(known: set[int], seconds: float) -> list[str]:
    """Return who is still there after a while: workers and what they started may be ending."""
    give_up = time.monotonic() + seconds
    while found := [text for pid, text in strays() if pid not in known]:
        if time.monotonic() >= give_up:
            return found
        time.sleep(STRAY_POLL_SECONDS)
    return []


def _new(allowed: Resources) -> Resources:
    """Return what is held and not allowed.

    A test may kill and restart the process of a fixture of a wider scope: as many new children as
    old ones are gone are their successors.
    """
    now = held()
    new = now - allowed
    if len(new.processes) <= len(allowed.processes - now.processes):
        return replace(new, processes=frozenset())
    return new
