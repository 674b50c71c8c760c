"""The schedule of pings, with the time passed in."""

from math import inf

from netra_backend.app.transport.keepalive import Due, Keepalive


def test_nothing_is_due_before_the_interval() -> None:
    keepalive = Keepalive(20, 10, now=100)
    assert keepalive.tick(119.9, listening=True) is Due.NOTHING
    assert keepalive.tick(120, listening=True) is Due.PING
    assert keepalive.wake_at == 130


def test_silence_until_the_deadline_is_unresponsive() -> None:
    keepalive = Keepalive(20, 10, now=0)
    keepalive.tick(20, listening=True)
    assert keepalive.tick(30, listening=True) is Due.UNRESPONSIVE
    assert keepalive.wake_at == inf


def test_data_before_the_ping_proves_nothing() -> None:
    keepalive = Keepalive(20, 10, now=0)
    keepalive.heard = True
    keepalive.tick(20, listening=True)
    assert keepalive.tick(30, listening=True) is Due.UNRESPONSIVE


def test_paused_reading_postpones_the_deadline() -> None:
    keepalive = Keepalive(20, 10, now=0)
    keepalive.tick(20, listening=False)
    assert keepalive.tick(30, listening=False) is Due.NOTHING
    assert keepalive.wake_at == 40


def test_without_a_timeout_it_only_pings() -> None:
    keepalive = Keepalive(5, None, now=0)
    assert [keepalive.tick(at, listening=True) for at in (5, 10, 15)] == [Due.PING] * 3
