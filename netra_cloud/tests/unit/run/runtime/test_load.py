"""Measurements for scaling."""

import os

import pytest

from netra_cloud.run.runtime.load import CpuMeter, MovingAverage


def test_an_average_follows_its_value_over_the_window() -> None:
    average = MovingAverage(60.0)
    average.set(10, 0.0)
    assert average.value(6.0) == pytest.approx(1.0)
    assert average.value(66.0) == pytest.approx(10.0)
    average.set(0, 66.0)
    assert average.value(200.0) == 0


def test_cpu_is_measured_between_two_looks() -> None:
    meter = CpuMeter()
    assert meter.average([os.getpid()], 0.0) == 0
    sum(range(2_000_000))
    assert 0 <= meter.average([os.getpid()], 10.0) < 10
    assert meter.average([2**22 + 1], 20.0) == 0
