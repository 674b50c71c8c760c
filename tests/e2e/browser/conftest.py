from pathlib import Path

import pytest
from playwright.async_api import expect

from test_framework.fixtures.browser import ACTION_MILLISECONDS

# What is expected to appear may take as long as what is done; Playwright's own 5 s are too few
# for two cores that run everything else as well.
expect.set_options(timeout=ACTION_MILLISECONDS)

# The first test of a worker may wait for the pages to be built; see BUILD_SECONDS of the stack.
SECONDS = 480


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.timeout(SECONDS))
