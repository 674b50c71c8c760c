import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from tests.e2e.model_server import model_server
from tests.e2e.people import Person, new_person
from tests.e2e.stack import Stack, running_stack


@pytest.fixture(scope="session")
def stack() -> Iterator[Stack]:
    """The platform of this worker: PostgreSQL, Valkey, both services, Envoy, a model."""
    # Not pytest's tmp_path: its parents have mode 700, and root's PostgreSQL runs as nobody.
    data_dir = Path(tempfile.mkdtemp(prefix="netra-e2e-"))
    data_dir.chmod(0o711)
    try:
        with model_server() as model_url, running_stack(data_dir, model_url) as running:
            yield running
    finally:
        shutil.rmtree(data_dir, ignore_errors=True)


@pytest.fixture
async def person(stack: Stack) -> AsyncIterator[Person]:
    async with new_person(stack.url) as somebody:
        yield somebody
