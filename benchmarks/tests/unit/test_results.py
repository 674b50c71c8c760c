import json

import pytest

from benchmarks.contestants import THREAD
from benchmarks.dialects import FRAME_BYTES, Netra, Plain, SocketIo
from benchmarks.report import as_json, as_markdown
from benchmarks.results import AIMS, Aim, Results, Sample


def results(**values: list[float]) -> Results:
    return Results(
        [
            Sample("echo", name, number, "cpu_us", value)
            for name, series in values.items()
            for number, value in enumerate(series)
        ]
    )


def test_a_ratio_is_taken_within_each_round() -> None:
    # The machine was twice as slow in the second round; the ratio was the same.
    found = results(ws=[10, 20, 10], gateway=[5, 10, 50])
    assert found.ratio("echo", "cpu_us", "gateway", "ws") == 0.5
    assert found.value("echo", "gateway", "cpu_us") == 10
    assert found.spread("echo", "gateway", "cpu_us") == (5, 50)


def test_what_was_not_measured_has_no_figure() -> None:
    found = results(ws=[10])
    assert found.value("echo", "gateway", "cpu_us") is None
    assert found.ratio("echo", "cpu_us", "gateway", "ws") is None
    assert found.reached(AIMS[0]) is None


def test_an_aim_without_a_peer_is_about_the_figure_itself() -> None:
    aim = Aim("echo", "cpu_us", "ws", None, 10)
    assert results(ws=[3, 4, 5]).reached(aim) == 4
    assert aim.text == "echo: ws cpu_us ≤ 10"


def test_reports_say_what_was_reached_and_what_was_missed() -> None:
    found = results(ws=[10], gateway=[16], direct=[5])
    text = as_markdown(found, ["echo", "memory"], ["ws", "gateway", "direct"])
    assert "| the gateway | 16.0 | – | 1.60 |" in text
    assert "| echo: gateway cpu_us ≤ 1.5 × ws | 1.60 | missed |" in text
    assert "| echo: direct cpu_us ≤ 0.75 × ws | 0.50 | reached |" in text
    document = json.loads(as_json(found, {"cores": 2}))
    assert document["conditions"] == {"cores": 2}
    assert len(document["samples"]) == 3


@pytest.mark.parametrize("dialect", [Plain(), SocketIo(), Netra(THREAD)])
def test_an_echo_is_of_the_same_size_in_every_language(
    dialect: Plain | SocketIo | Netra,
) -> None:
    assert len(dialect.echo) == FRAME_BYTES
