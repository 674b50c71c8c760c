"""The figure of an outage: readable XML, every probe drawn, no state claimed that no one saw."""

from xml.etree import ElementTree as ET

from benchmarks.readiness.drawing import Outage, Panel, Probe, draw

SVG = "{http://www.w3.org/2000/svg}"
OUTAGE = Outage(start=10.0, end=50.0, watched=70.0)


def shapes(panels: list[Panel], tag: str) -> list[ET.Element]:
    return ET.fromstring(draw(panels, OUTAGE)).findall(f"{SVG}{tag}")  # noqa: S314  ours


def strip(probes: list[Probe]) -> list[str]:
    legend, outage = 4, 1
    drawn = shapes([Panel("one", "", probes)], "rect")[legend + outage :]
    return [one.attrib["class"] for one in drawn]


def test_every_probe_is_a_dot_within_its_panel() -> None:
    panels = [
        Panel("before <b>", "&", [Probe(0.0, 0.01, "pass"), Probe(69.0, 10**9, "no answer")]),
        Panel("after", "", [Probe(5.0, 3.0, "pass")]),
    ]
    dots = shapes(panels, "circle")
    assert len(dots) == 3
    assert all(0 <= float(dot.attrib["cy"]) <= 600 for dot in dots)


def test_a_state_holds_until_the_next_probe() -> None:
    probes = [Probe(0.0, 1.0, "pass"), Probe(20.0, 1.0, "warn"), Probe(60.0, 1.0, "pass")]
    assert strip(probes) == ["pass", "warn", "pass"]


def test_an_answer_after_8_seconds_or_an_error_is_none() -> None:
    probes = [Probe(0.0, 8001.0, "pass"), Probe(1.0, 1.0, "ConnectionResetError")]
    assert strip(probes) == ["none"]
