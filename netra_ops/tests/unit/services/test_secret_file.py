import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from netra_ops.services.secret_file import read_or_create_secret

pytestmark = pytest.mark.unit


def test_only_the_owner_may_read_it(tmp_path: Path) -> None:
    path = tmp_path / "password"
    secret = read_or_create_secret(path)
    assert len(secret) >= 43  # 256 bits in base64
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_it_is_generated_once(tmp_path: Path) -> None:
    path = tmp_path / "password"
    assert read_or_create_secret(path) == read_or_create_secret(path)
    assert [entry.name for entry in tmp_path.iterdir()] == ["password"]


def test_a_present_secret_is_respected(tmp_path: Path) -> None:
    path = tmp_path / "password"
    path.write_text("chosen by hand\n")
    assert read_or_create_secret(path) == "chosen by hand"


def test_racing_callers_agree(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        secrets = set(pool.map(lambda _: read_or_create_secret(tmp_path / "password"), range(16)))
    assert len(secrets) == 1
