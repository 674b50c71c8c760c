"""The pytest plugin of the project. The root ``conftest.py`` loads it.

Fixtures (``pytest --fixtures`` shows more of each):

========================= ======== ================================================================
``postgres_url``          function an empty database of this test alone
``migrated_postgres_url`` function the same with the tables of both services
``databases``             session  the worker's PostgreSQL server, to stop, freeze or kill
``valkey_url``            function the worker's Valkey, emptied for this test
``valkey_server``         session  the same server, to stop, freeze or kill
``real_services``         function fails the test unless both answer a real query
``auth``, ``backend``     function the services as processes; ``start_backend`` adds instances
``make_token``            function signs an access token that both accept
``edge``                  function Envoy before ``auth`` and ``backend``
``stack``, ``person``     session  the whole platform behind its edge, and an account on it
``page``                  function a page in a real Chromium; ``new_page`` opens one per device
``fault_proxy``           function puts a TCP proxy that fails on demand before a port
========================= ======== ================================================================

Options: ``--real-services`` proves before the first test that real services start;
``--outcomes FILE`` writes every outcome as JSON for the unified runner.
"""

import os
import signal
from contextlib import ExitStack
from pathlib import Path

import pytest

from test_framework.categories import CATEGORIES, NIGHTLY, category_of, objection
from test_framework.external_stores import ExternalStores
from test_framework.outcomes import CATEGORY_PROPERTY, OutcomeCollector
from test_framework.real_services import verify_services
from test_framework.throwaway_stores import throwaway_stores

pytest_plugins = [
    "pytester",  # for the tests of this very plugin
    "test_framework.fixtures.agui",
    "test_framework.fixtures.browser",
    "test_framework.fixtures.faults",
    "test_framework.fixtures.platform",
    "test_framework.fixtures.services",
    "test_framework.fixtures.stores",
    "test_framework.fixtures.stores_check",
    "test_framework.leaks.plugin",
    "test_framework.property_tests",
]


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options of this plugin."""
    group = parser.getgroup("netra")
    group.addoption(
        "--real-services",
        action="store_true",
        help="prove before the first test that PostgreSQL and Valkey start and answer",
    )
    group.addoption("--outcomes", metavar="FILE", help="write every outcome to FILE as JSON")


def pytest_configure(config: pytest.Config) -> None:
    """Register the collector of outcomes on the controller."""
    is_worker = hasattr(config, "workerinput")
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        # Started by a background job: processes that tests interrupt would inherit the ignoring.
        signal.signal(signal.SIGINT, signal.default_int_handler)
    if (target := config.getoption("--outcomes")) and not is_worker:
        config.pluginmanager.register(OutcomeCollector(Path(target)), "netra-outcomes")
    if config.getoption("--real-services") and not is_worker:
        _prove_real_services()


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Give each test the mark of its folder's category; a test outside of them is an error."""
    for item in items:
        category = category_of(str(item.path.relative_to(config.rootpath)))
        by_hand = frozenset(mark.name for mark in item.iter_markers()) & set(CATEGORIES)
        if (wrong := objection(category, by_hand)) or category is None:
            raise pytest.UsageError(f"{item.path} {wrong}")
        item.add_marker(category)
        for name in sorted(by_hand | {category}):
            item.user_properties.append((CATEGORY_PROPERTY, name))
    if not _asks_for_nightly(config):
        nightly = [item for item in items if item.get_closest_marker(NIGHTLY)]
        items[:] = [item for item in items if item not in nightly]
        config.hook.pytest_deselected(items=nightly)


def _asks_for_nightly(config: pytest.Config) -> bool:
    """Return whether the nightly tests are named, by their mark or by their place."""
    return NIGHTLY in config.getoption("-m") or any(NIGHTLY in path for path in config.args)


def _prove_real_services() -> None:
    given = ExternalStores.of(os.environ, "")
    with ExitStack() as ends:
        database_url, redis_url = given.database_url, given.redis_url
        if not (database_url and redis_url):
            postgres, valkey = ends.enter_context(throwaway_stores())
            database_url, redis_url = database_url or postgres.url, redis_url or valkey.url
        problems = verify_services(database_url, redis_url)
    if problems:
        raise pytest.UsageError("--real-services: " + "; ".join(problems))
