"""Regression and double descent against direct simulation."""

import math

import numpy as np
import pytest

from benchmark import theory
from helpers.numbers import assert_mean


def online_regression(rate, batch, flipped, seed, runs=2000, steps=250, d=6):
    """E‖w - w*‖² about the minimiser for fresh Gaussian samples, [run]."""
    rng = np.random.default_rng(seed)
    teacher = np.full(d, 1 / math.sqrt(d))
    target = theory.flipped_minimiser(flipped) * teacher
    w = np.tile(target, (runs, 1))
    for _ in range(steps):
        x = rng.standard_normal((runs, batch, d))
        sign = np.where(rng.random((runs, batch)) < flipped, -1.0, 1.0)
        y = sign * (x @ teacher) + 0.5 * rng.standard_normal((runs, batch))
        error = np.einsum("rbd,rd->rb", x, w) - y
        w = w - rate * np.einsum("rb,rbd->rd", error, x) / batch
    return np.sum((w - target) ** 2, axis=1)


@pytest.mark.parametrize(("flipped", "batch"), [(0.0, 1), (0.0, 4), (0.1, 4), (0.3, 4)])
def test_floor_of_online_regression(flipped, batch):
    d = 6
    rate = 0.3 * theory.critical_rate(d, batch)
    trace = theory.flip_noise_trace(flipped, d, weight_norm=1.0, residual_variance=0.25)
    expected = theory.regression_floor(rate, d, trace, batch)
    assert_mean(online_regression(rate, batch, flipped, seed=4), expected)


def test_critical_rate_is_where_the_floor_is_infinite():
    almost = theory.critical_rate(10, 8) * (1 - 1e-12)
    assert theory.regression_floor(almost, 10, 1.0, 8) > 1e9
    assert theory.flip_noise_trace(0.0, 10, 3.0, 0.25) == 2.5


@pytest.mark.parametrize("used", [10, 25, 60, 120])
def test_double_descent(used):
    n, features, noise, runs = 40, 120, 0.5, 300
    rng = np.random.default_rng(5)
    signal = np.full(features, 1 / math.sqrt(features))
    inside, outside = used / features, 1 - used / features
    risk = np.empty(runs)
    for run in range(runs):
        x = rng.standard_normal((n, features))
        y = x @ signal + noise * rng.standard_normal(n)
        fit = np.zeros(features)
        fit[:used] = np.linalg.lstsq(x[:, :used], y, rcond=None)[0]
        risk[run] = np.sum((fit - signal) ** 2) + noise**2
    assert_mean(risk, theory.double_descent_risk(n, used, inside, outside, noise**2))


def test_double_descent_peaks_at_the_threshold():
    assert all(math.isinf(theory.double_descent_risk(40, p, 1, 0, 1)) for p in (39, 40, 41))
