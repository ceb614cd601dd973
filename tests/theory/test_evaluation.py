"""What evaluation adds against direct simulation."""

import numpy as np
import pytest

from benchmark import theory
from helpers.numbers import assert_mean, assert_variance

RUNS = 5000


def test_accuracy_over_seeds():
    """Calibrated: each seed answers with the class probability, as does the label."""
    rng, n = np.random.default_rng(10), 400
    p = rng.random(n)
    seeds, sets = 200, 60
    variances, errors = [], []
    for _ in range(sets):
        labels = rng.random(n) < p
        right = (rng.random((seeds, n)) < p) == labels
        variances.append(right.mean(axis=1).var(ddof=1))
        errors.append(1 - right.mean())
    expected = theory.seed_accuracy_variance(float(np.mean(errors)), n)
    assert_mean(np.array(variances), expected, bias=0.01)


def test_accuracy_of_finite_sets():
    rng, n = np.random.default_rng(11), 64
    accuracy = rng.binomial(n, 0.8, size=RUNS) / n
    assert_variance(accuracy, theory.population_error(0.8, n) ** 2)
    gained, lost = rng.poisson(6.0, RUNS), rng.poisson(4.0, RUNS)
    assert_variance((gained - lost) / n, theory.churn_variance(6.0, 4.0, n))


def test_batch_norm_lag():
    momentum, steps = 0.9, 31
    statistic = 1.0
    for _ in range(steps):
        statistic = momentum * statistic
    assert statistic == pytest.approx(theory.batch_norm_initial_weight(momentum, steps))
    assert theory.batch_norm_initial_weight(0.99, 31) == pytest.approx(0.73, abs=0.005)
    drift = 0.0
    for step in range(1, 500):
        drift = momentum * drift + (1 - momentum) * step
    assert 499 - drift == pytest.approx(theory.batch_norm_lag(momentum))
    rng, noise = np.random.default_rng(12), np.zeros(RUNS)
    for _ in range(100):
        noise = momentum * noise + (1 - momentum) * rng.standard_normal(RUNS)
    assert_variance(noise, theory.batch_norm_noise_factor(momentum))


def test_running_metric():
    batches, tau = 12, 5.0
    loss = np.exp(-np.arange(batches + 1) / tau)
    expected = loss[:-1].mean() / loss[-1]
    assert theory.running_metric_ratio(batches, tau) == pytest.approx(expected)


def test_dropout_and_input_noise():
    rng, keep, sd = np.random.default_rng(13), 0.7, 0.4
    weights, x = rng.standard_normal(5), rng.standard_normal(5)
    mask = rng.random((200_000, 5)) < keep
    clean, y = x @ weights, 0.3
    gap = ((x * mask / keep) @ weights - y) ** 2 / 2 - (clean - y) ** 2 / 2
    assert_mean(gap, theory.dropout_gap(keep, weights, x**2))
    noisy = (x + sd * rng.standard_normal((200_000, 5))) @ weights
    gap = (noisy - y) ** 2 / 2 - (clean - y) ** 2 / 2
    assert_mean(gap, theory.input_noise_gap(sd, weights))


def test_mixtures():
    rng = np.random.default_rng(14)
    right, flip = rng.random(50_000) < 0.9, rng.random(50_000) < 0.2
    assert_mean((right ^ flip).astype(float), theory.flipped_accuracy(0.9, 0.2))
    assert theory.leaked_accuracy(0.8, 1.0, 0.25) == pytest.approx(0.85)
