from pathlib import Path

import pytest

# Whichever test of a worker comes first waits for the platform's start, and for its pages to be
# built when any test of the session drives a browser; see the stack's START and BUILD_SECONDS.
SECONDS = 600


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.timeout(SECONDS))
