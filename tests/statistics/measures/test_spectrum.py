"""Periods in noise."""

import math

import numpy as np
import pytest

from benchmark.measures import (
    DominantPeriod,
    PeriodicityP,
)
from benchmark.statistics.measures import spectrum
from helpers.noise import WHITE, ar1, measured


@pytest.mark.parametrize("period", [2, 3, 5, 10])
def test_finds_a_period_in_noise(period):
    wave = 2 * np.cos(2 * np.pi * np.arange(30) / period)
    curves = wave + WHITE[:300]
    assert np.mean(measured(DominantPeriod, curves) == period) > 0.9
    assert np.median(measured(PeriodicityP, curves)) < 0.05


def test_periodicity_p_is_uniform_for_white_noise():
    p = measured(PeriodicityP, WHITE)
    for share in (0.05, 0.2, 0.5):
        # The null table itself has 1,999 curves.
        error = math.sqrt(share * (1 - share) * (1 / 4000 + 1 / 2000))
        assert abs(np.mean(p <= share) - share) < 4 * error


def test_slow_wandering_is_no_period_but_alternation_is():
    slow = measured(PeriodicityP, ar1(0.7, 500, 30))
    alternating = ar1(-0.8, 500, 30)
    assert np.mean(slow < 0.05) < 0.1
    assert np.mean(measured(PeriodicityP, alternating) < 0.05) > 0.5
    assert np.median(measured(DominantPeriod, alternating)) < 2.4


def test_periodogram_counts_all_variance():
    curves = WHITE[:50] - WHITE[:50].mean(axis=1, keepdims=True)
    negative = curves[np.sum(curves[:, 1:] * curves[:, :-1], axis=1) < 0]
    power = spectrum._periodogram(negative).sum(axis=1)
    np.testing.assert_allclose(power / 30, np.sum(negative**2, axis=1))
