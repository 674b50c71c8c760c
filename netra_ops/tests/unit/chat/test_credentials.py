import asyncio
import stat
from pathlib import Path

import pytest

from netra_client.models import TokenPair
from netra_ops.chat.credentials import CredentialStore, SharedRefresher
from netra_ops.errors import StorageRefused

URL = "http://localhost:8080"


class Exchange:
    """Issues pairs and refuses a refresh token that was used, as the identity service does."""

    def __init__(self) -> None:
        self.spent: list[str] = []

    async def refresh(self, refresh_token: str) -> TokenPair:
        assert refresh_token not in self.spent, "the session would be revoked now"
        self.spent.append(refresh_token)
        await asyncio.sleep(0)
        return TokenPair(f"t{len(self.spent)}", 900.0, f"r{len(self.spent)}")


def store(directory: Path) -> CredentialStore:
    return CredentialStore("local", URL, directory)


def test_only_the_owner_can_read_it(tmp_path: Path) -> None:
    directory = tmp_path / "netra"
    store(directory).save("ada@example.org", TokenPair("t0", 900.0, "r0"))
    (file,) = directory.iterdir()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(directory.stat().st_mode) == 0o700
    loaded = store(directory).load()
    assert loaded is not None
    assert (loaded.email, loaded.refresh_token) == ("ada@example.org", "r0")
    assert "t0" not in repr(loaded)
    assert 890 < loaded.pair.expires_in <= 900


def test_each_platform_has_its_own_session(tmp_path: Path) -> None:
    store(tmp_path).save("ada@example.org", TokenPair("t0", 900.0, "r0"))
    assert CredentialStore("local", "http://localhost:9090", tmp_path).load() is None
    assert CredentialStore("staging", URL, tmp_path).load() is None


def test_a_broken_file_is_no_sign_in(tmp_path: Path) -> None:
    store(tmp_path).save("ada@example.org", TokenPair("t0", 900.0, "r0"))
    next(tmp_path.iterdir()).write_bytes(b"{")
    assert store(tmp_path).load() is None


def test_forgetting_is_complete_and_may_be_repeated(tmp_path: Path) -> None:
    store(tmp_path).save("ada@example.org", TokenPair("t0", 900.0, "r0"))
    store(tmp_path).delete()
    store(tmp_path).delete()
    assert list(tmp_path.iterdir()) == []


def test_a_directory_that_cannot_be_made_is_reported(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StorageRefused) as caught:
        CredentialStore("local", URL, tmp_path / "file").save("a@b.org", TokenPair("t", 1.0, "r"))
    assert "XDG_CONFIG_HOME" in caught.value.remedy


async def test_terminals_that_share_a_session_spend_each_refresh_token_once(tmp_path: Path) -> None:
    store(tmp_path).save("ada@example.org", TokenPair("t0", 900.0, "r0"))
    exchange = Exchange()
    terminals = [SharedRefresher(exchange, store(tmp_path)) for _ in range(5)]
    pairs = await asyncio.gather(*(terminal.refresh("r0") for terminal in terminals))
    assert exchange.spent == ["r0"]
    assert {pair.access_token for pair in pairs} == {"t1"}
    assert (await terminals[0].refresh("r1")).access_token == "t2"


async def test_after_a_sign_out_elsewhere_the_own_token_is_presented(tmp_path: Path) -> None:
    exchange = Exchange()
    assert (await SharedRefresher(exchange, store(tmp_path)).refresh("r7")).refresh_token == "r1"
    assert store(tmp_path).load() is None, "a session that was ended is not stored again"
