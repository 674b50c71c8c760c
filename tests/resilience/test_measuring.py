"""The instruments of the resilience tests: what they subtract, and what they must not."""

import subprocess
import sys
from pathlib import Path
from subprocess import PIPE

import pytest

from test_framework.stolen_time import StolenTime
from tests.resilience.timeline import Sample, Timeline


def test_overlapping_intervals_count_once_and_are_cut_at_the_edges() -> None:
    stolen = StolenTime()
    stolen.note(1.0, 2.0)
    stolen.note(1.5, 2.5)
    stolen.note(4.0, 5.0)
    assert stolen.total == 2.5
    assert stolen.within(0.0, 1.5) == 0.5
    assert stolen.within(2.0, 4.25) == 0.75
    assert stolen.within(2.5, 4.0) == 0.0


def test_what_a_timer_is_always_late_by_is_not_stolen() -> None:
    stolen = StolenTime()
    stolen.note(1.0, 1.001)
    assert stolen.total == 0.0


def test_two_processes_on_one_processor_rob_each_other() -> None:
    if not Path("/proc/self/schedstat").exists():
        pytest.skip("needs /proc, which is Linux's")
    spin = """
import os, time
os.sched_setaffinity(0, {0})
end = time.monotonic() + 0.5
while time.monotonic() < end:
    pass
print(flush=True)
input()
"""
    pair = [
        subprocess.Popen([sys.executable, "-c", spin], stdin=PIPE, stdout=PIPE) for _ in range(2)
    ]
    stolen = StolenTime(pair[0].pid)
    for process in pair:
        assert process.stdout is not None
        process.stdout.readline()
    stolen.sample(10.0)
    for process in pair:
        process.communicate(b"\n")
    assert stolen.total > 0.1


def test_a_probe_that_hangs_keeps_its_latency() -> None:
    timeline = Timeline(samples=[Sample(0.0, 3.0, 200, "pass"), Sample(0.1, 3.0, 200, "pass")])
    timeline.stolen.note(0.5, 0.6)
    assert timeline.fair_latency(99) > 2.8


def test_probes_that_overlap_a_change_are_no_flapping() -> None:
    samples = [
        Sample(0.0, 0.3, 200, "pass"),
        Sample(0.1, 0.3, 200, "warn"),  # answered first
        Sample(0.2, 0.3, 200, "pass"),  # in flight when the change was seen
        Sample(0.5, 0.1, 200, "warn"),
    ]
    assert Timeline(samples=samples).states == ["pass", "warn"]
    assert Timeline(samples=[*samples, Sample(0.7, 0.1, 200, "pass")]).states[-1] == "pass"


def test_a_summary_of_nothing_is_no_failure() -> None:
    assert Timeline().summary()["fair_p99_ms"] == 0.0
