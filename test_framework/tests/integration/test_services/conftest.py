import shutil
import socket
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from test_framework.test_services import wheels
from test_framework.test_services.definition import COMPOSE_FILE
from test_framework.test_services.places import Places

PUBLISHED = ("5433", "6380", "8001")


@pytest.fixture
def compose_file(tmp_path: Path) -> Path:
    """The project's file with ports that are free on this machine."""
    text = COMPOSE_FILE.read_text()
    with ExitStack() as held:  # all at once, so that no port is given twice
        for port in PUBLISHED:
            listener = held.enter_context(socket.socket())
            listener.bind(("127.0.0.1", 0))
            text = text.replace(f'published: "{port}"', f'published: "{listener.getsockname()[1]}"')
    file = tmp_path / "compose.yml"
    file.write_text(text)
    return file


@pytest.fixture
def data_dir() -> Iterator[Path]:
    """A place that root's PostgreSQL can reach too; every process still there is ended."""
    path = Path(tempfile.mkdtemp(prefix="netra-services-"))
    path.chmod(0o711)
    yield path
    wheels.stop(Places(path))
    shutil.rmtree(path)
