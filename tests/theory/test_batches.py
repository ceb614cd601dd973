"""Orders, sizes and parts of passes against direct simulation."""

import itertools
import math

import numpy as np
import pytest

from benchmark import theory
from helpers.numbers import assert_mean, assert_variance

RUNS = 5000


def test_finite_population():
    values = np.random.default_rng(6).exponential(size=7)
    means = [np.mean(batch) for batch in itertools.combinations(values, 3)]
    expected = values.var() / 3 * theory.finite_population_factor(7, 3)
    assert np.var(means) == pytest.approx(expected)
    assert theory.finite_population_factor(7, 7) == 0


def test_noise_scale_recovers_signal_and_noise():
    gradient, trace = 3.0, 12.0
    square = {batch: gradient + trace / batch for batch in (4, 32)}
    assert theory.noise_scale(4, 32, square[4], square[32]) == pytest.approx((gradient, trace))


def test_reshuffled_floor():
    rate, curvature, batches = 0.3, 0.8, 16
    rng = np.random.default_rng(7)
    targets = rng.standard_normal(batches)
    targets -= targets.mean()
    w = np.zeros(RUNS)
    for _ in range(12):
        for column in rng.permuted(np.tile(targets, (RUNS, 1)), axis=1).T:
            w = w - rate * curvature * (w - column)
    expected = theory.reshuffled_floor(rate, curvature, batches, targets.var(ddof=1))
    assert_variance(w, expected)
    # About (ηaM)²/12 of the floor of independent draws, for small ηaM.
    small = 0.01
    calm = theory.reshuffled_floor(small, 1.0, batches, 1.0) / theory.sgd_floor(small, 1.0, 1.0)
    assert calm == pytest.approx((small * batches) ** 2 / 12, rel=0.1)


def test_reshuffled_noise_is_anticorrelated():
    batches, rng = 8, np.random.default_rng(8)
    values = rng.standard_normal(batches)
    values = (values - values.mean()) / values.std()
    noise = rng.permuted(np.tile(values, (20_000, 2, 1)), axis=2).reshape(20_000, -1)
    for lag in (1, 3, 7):
        pairs = np.mean(noise[:, :batches] * noise[:, lag : lag + batches], axis=1)
        assert_mean(pairs, theory.reshuffled_correlation(lag, batches))
    assert theory.reshuffled_correlation(0, 8) == 1 and theory.reshuffled_correlation(8, 8) == 0
    assert 1 + 2 * sum(
        theory.reshuffled_correlation(lag, 8) for lag in range(1, 8)
    ) == pytest.approx(0)


def test_sorted_data():
    rate, curvature, batches, w = 0.05, 1.2, 20, 0.0
    for _ in range(200):
        for target in [-1.0] * 10 + [1.0] * 10:
            w -= rate * curvature * (w - target)
    assert w == pytest.approx(theory.sorted_position(rate, curvature, batches))


def test_ragged_batch():
    sizes = [32, 32, 32, 2]
    weights = np.concatenate([np.full(size, 1 / size) for size in sizes])
    assert weights[-1] / weights[0] == theory.ragged_batch_factor(98, 32) == 16
    assert theory.ragged_batch_factor(96, 32) == 1


def test_validation_in_parts():
    batches = math.ceil(98 / 10)
    place, seen = 0, []
    while True:
        seen.append(place)
        place = (place + 4) % batches
        if place == 0:
            break
    assert theory.validation_passes(98, 10, 4) == len(seen) == 5
    assert theory.validation_passes(100, 10, 10) == 1
    assert theory.validation_passes(100, 10, 5) == 2
    mix = theory.partial_pass_metric(np.array([0.9, 0.5]), np.array([3.0, 1.0]))
    assert mix == pytest.approx(0.8)


def test_minority_in_a_batch():
    drawn = np.random.default_rng(9).random((20_000, 16)) < 0.1
    assert_mean((~drawn.any(axis=1)).astype(float), theory.minority_absent(0.1, 16))
