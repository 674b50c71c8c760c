"""Each rule on code that breaks it and on code that only looks as if it did."""

import textwrap

import pytest

from test_framework.integrity.registry import RULES
from test_framework.integrity.scan import scan_source
from test_framework.integrity.source import Source

BREAKS = {
    "no-mock": [
        "from unittest import mock",
        "from unittest.mock import patch as p",
        "import unittest.mock as fake",
        "import fakeredis",
        "def test_x(mocker): assert mocker",
        "async def test_x(*, httpx_mock): assert httpx_mock",
        "import httpx\nclient = httpx.Client(transport=httpx.MockTransport(print))",
        "def test_x(monkeypatch):\n    monkeypatch.setattr('redis.Redis.get', 1)\n    assert x",
        "import socket\ndef fake(monkeypatch): monkeypatch.setattr(socket, 'create_connection', 1)",
        "import asyncpg as pg\ndef fake(monkeypatch): monkeypatch.delattr(pg, 'connect')",
        "def fake(self): self.monkeypatch.setattr('httpx.get', 1)",
    ],
    "no-commented-decorator": [
        "# @require_docker_services()\ndef test_x(): assert x",
        "class TestX:\n    #@require_docker_services()\n    def test_x(self): assert x",
    ],
    "skip-needs-issue": [
        "import pytest\npytest.skip('later')",
        "import pytest\n@pytest.mark.skip\ndef test_x(): assert x",
        "import pytest\n@pytest.mark.skip()\ndef test_x(): assert x",
        "from pytest import mark as m\n@m.skipif(True, reason='flaky')\ndef test_x(): assert x",
        "import pytest\n@pytest.mark.xfail(reason=REASON)\ndef test_x(): assert x",
        "import pytest\nhttpx = pytest.importorskip('httpx')",
        "import unittest\n@unittest.skip('#12')\ndef test_x(): assert x",
        "collect_ignore = ['test_slow.py']",
        "__test__ = False",
    ],
    "must-assert": [
        "def test_x(): run()",
        "async def test_x(): await run()",
        "class TestX:\n    def test_x(self): self.run()",
        "def helper(): run()\ndef test_x(): helper()",
        "def test_x():\n    'says that it will assert'",
        "def test_x(): loop()\ndef loop(): loop()",
    ],
    "no-vacuous-assert": [
        "def test_x(): assert True",
        "def test_x(): assert 1",
        "def test_x(): assert x or True",
        "def test_x(): assert (x, 'said')",
        "def test_x(): assert f'{x}'",
        "def test_x(): assert lambda: x",
        "def test_x(): assert not False",
        "def test_x(): assert True and 'yes'",
        "def test_x(): assert x == x",
        "def test_x(): assert a.b[0] <= a.b[0]",
    ],
    "no-swallowed-assertion": [
        "def test_x():\n    try:\n        assert x\n    except AssertionError:\n        pass",
        "def test_x():\n    try:\n        assert x\n    except (OSError, Exception):\n        y()",
        "def test_x():\n    try:\n        assert x\n    except:\n        log()",
        "import pytest\ndef test_x():\n    try: pytest.fail()\n    except BaseException: ...",
        (
            "from contextlib import suppress\ndef test_x():\n    with suppress(Exception):\n"
            "        assert x"
        ),
    ],
    "no-early-return": [
        "def test_x():\n    if not available:\n        return\n    assert x",
        "async def test_x():\n    for y in z:\n        return\n    assert x",
    ],
    "no-sleep": [
        "import time\ndef test_x():\n    time.sleep(1)\n    assert x",
        "from asyncio import sleep\nasync def test_x():\n    await sleep(0.1)\n    assert x",
        "import time as t, pytest\n@pytest.fixture\ndef server():\n    t.sleep(1)",
    ],
    "no-wall-clock": [
        (
            "import time\ndef test_x():\n    started = time.monotonic()\n    run()\n"
            "    assert time.monotonic() - started < 1"
        ),
        "import time\ndef test_x():\n    a = time.time()\n    b = a\n    assert 2 > b - 1",
        "def test_x():\n    took = loop.time()\n    assert x and not took > 1",
        "import time\ndef test_x():\n    if t := time.perf_counter(): pass\n    assert t < 1",
    ],
}
LOOKS_LIKE = {
    "no-mock": [
        "import mockery",
        "'unittest.mock'",
        "def test_x(monkeypatch):\n    monkeypatch.setenv('HTTP', '1')\n    assert x",
        "def test_x(monkeypatch):\n    monkeypatch.setattr('shop.tax', 1)\n    assert x",
        "def test_x(values):\n    values.setattr('redis.Redis', 1)\n    assert x",
    ],
    "no-commented-decorator": [
        "# @require_docker_services() is what to write\ndef test_x(): assert x",
        "TEXT = '''\n# @require_docker_services()\ndef test_x(): ...\n'''",
        "# @require_docker_services()\nx = 1",
    ],
    "skip-needs-issue": [
        "import pytest\npytest.skip('broken since #12')",
        (
            "import pytest\n@pytest.mark.skipif(x, reason='https://git.example/a/issues/7')\n"
            "def test_x(): assert x"
        ),
        (
            'import pytest\n@pytest.mark.skipif(x, reason="needs /proc, which is Linux\'s")\n'
            "def test_x(): assert x"
        ),
        "skip('no pytest')",
    ],
    "must-assert": [
        "def test_x(): assert x",
        "import pytest\ndef test_x():\n    with pytest.raises(OSError): run()",
        "def helper(): assert x\ndef test_x(): helper()",
        "def test_x(): _check_all(x)",
        "async def test_x(): await eventually(x)",
        "def helper_without_tests(): run()",
    ],
    "no-vacuous-assert": [
        "def test_x(): assert x and True",
        "def test_x(): assert next(i) == next(i)",
        "def test_x(): assert 0",
        "def test_x(): assert x is not None",
        "def test_x(): assert ()",
    ],
    "no-swallowed-assertion": [
        "def test_x():\n    try:\n        assert x\n    except OSError:\n        pass",
        "def test_x():\n    try:\n        assert x\n    except Exception:\n        raise",
        "def test_x():\n    try:\n        run()\n    except Exception:\n        pass\n    assert x",
        "def test_x():\n    try:\n        assert x\n    except AssertionError as e:\n        y = e",
        (
            "from contextlib import suppress\ndef test_x():\n    with suppress(OSError):\n"
            "        assert x"
        ),
    ],
    "no-early-return": [
        "def test_x():\n    assert x\n    if y:\n        return",
        "def test_x():\n    def answer():\n        return 1\n    assert answer()",
    ],
    "no-sleep": [
        "import asyncio\nasync def test_x():\n    await asyncio.sleep(0)\n    assert x",
        "import time\ndef wait(x):\n    while not x():\n        time.sleep(0.1)",
        (
            "import asyncio\nasync def test_x():\n    async def slow(): await asyncio.sleep(9)\n"
            "    assert slow"
        ),
        "def test_x():\n    sleep(1)\n    assert x",
    ],
    "no-wall-clock": [
        "import time\ndef test_x():\n    give_up = time.monotonic() + 5\n    assert run(give_up)",
        "import time\ndef test_x():\n    clock.time()\n    assert clock.time() == 5",
        "import time\ndef helper():\n    assert time.time() > 5",
    ],
}


def found(code: str, path: str = "tests/unit/test_x.py") -> set[str]:
    return {finding.rule for finding in scan_source(Source(path, textwrap.dedent(code)))}


def pairs(table: dict[str, list[str]]) -> list[tuple[str, str]]:
    return [(rule, code) for rule, codes in table.items() for code in codes]


def test_every_rule_is_tried_both_ways_and_explains_itself() -> None:
    names = {rule.name for rule in RULES}
    assert set(BREAKS) == names
    assert set(LOOKS_LIKE) == names
    for rule in RULES:
        assert rule.why
        assert rule.blind_spot
        assert rule.escape


@pytest.mark.parametrize(("rule", "code"), pairs(BREAKS))
def test_what_breaks_a_rule_is_found(rule: str, code: str) -> None:
    assert rule in found(code)


@pytest.mark.parametrize(("rule", "code"), pairs(LOOKS_LIKE))
def test_what_only_looks_like_it_is_not(rule: str, code: str) -> None:
    assert rule not in found(code)


def test_benchmarks_may_assert_on_time() -> None:
    code = BREAKS["no-wall-clock"][0]
    assert "no-wall-clock" not in found(code, "benchmarks/sockets/test_x.py")


def test_support_modules_have_no_tests_that_must_assert() -> None:
    assert found("def test_connection(): run()", "tests/unit/support.py") == set()
