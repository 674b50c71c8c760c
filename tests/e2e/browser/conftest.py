from pathlib import Path

import pytest

# The first test of a worker may wait for the pages to be built; see BUILD_SECONDS of the stack.
SECONDS = 480


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.timeout(SECONDS))
