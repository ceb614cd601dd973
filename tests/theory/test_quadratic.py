"""Closed forms against direct simulation, gated on z-scores at fixed seeds."""

import itertools
import math

import numpy as np
import pytest

from benchmark import theory

RUNS = 5000


def assert_variance(samples: np.ndarray, expected: float, bias: float = 0.0) -> None:
    """The variance of independent samples is `expected` (within a relative bias), z < 4."""
    spread = (samples - samples.mean()) ** 2
    error = spread.std() / math.sqrt(len(samples))
    assert abs(spread.mean() - expected) < 4 * error + bias * expected


def assert_mean(samples: np.ndarray, expected: float, bias: float = 0.0) -> None:
    error = samples.std(ddof=1) / math.sqrt(len(samples))
    assert abs(samples.mean() - expected) < 4 * error + bias * abs(expected)


def noisy_quadratic(rate, curvature, sd, steps, momentum=0.0, seed=1, runs=RUNS, w=0.0):
    """SGD on ½aw² with additive gradient noise; every w, [step, run]."""
    rng = np.random.default_rng(seed)
    position, velocity = np.full(runs, float(w)), np.zeros(runs)
    path = np.empty((steps, runs))
    for t in range(steps):
        gradient = curvature * position + sd * rng.standard_normal(runs)
        velocity = momentum * velocity - rate * gradient
        position = position + velocity
        path[t] = position
    return path


@pytest.mark.parametrize(("rate", "momentum"), [(0.1, 0.0), (0.8, 0.0), (0.1, 0.9), (0.5, 0.5)])
def test_floor_of_sgd_and_momentum(rate, momentum):
    curvature, variance, batch = 1.5, 4.0, 8
    path = noisy_quadratic(rate, curvature, math.sqrt(variance / batch), 400, momentum)
    expected = theory.momentum_floor(rate, curvature, variance, batch, momentum)
    assert_variance(path[-1], expected)
    loss = curvature / 2 * path[-1] ** 2
    assert_mean(loss, theory.excess_loss(curvature, expected))
    if momentum == 0:
        assert theory.sgd_floor(rate, curvature, variance, batch) == expected


def test_texture_of_the_floor():
    rate, curvature = 0.2, 1.5
    path = noisy_quadratic(rate, curvature, 1.0, 2000, runs=300)[100:]
    late, early = path[3:], path[:-3]
    correlation = np.sum(late * early, axis=0) / np.sum(path**2, axis=0)
    assert_mean(correlation, theory.sgd_autocorrelation(rate, curvature, 3), bias=0.01)
    ratio = np.mean(np.diff(path, axis=0) ** 2, axis=0) / np.var(path, axis=0)
    assert_mean(ratio, theory.sgd_von_neumann(rate, curvature), bias=0.01)


def test_cutting_the_rate():
    high = theory.sgd_floor(0.5, 1.0, 1.0)
    assert high / theory.sgd_floor(0.05, 1.0, 1.0) == pytest.approx(
        theory.rate_cut_factor(0.5, 1.0)
    )
    steps = round(theory.relaxation_steps(0.02, 1.0))
    without_noise = noisy_quadratic(0.02, 1.0, 0.0, steps, runs=1, w=1.0)
    assert without_noise[-1] ** 2 == pytest.approx(math.exp(-1), rel=0.05)


def test_floor_of_adam():
    rate, curvature, sd, batch, beta1, beta2 = 1e-3, 1.0, 1.0, 4, 0.9, 0.999
    rng = np.random.default_rng(2)
    runs = 1500
    w = rng.standard_normal(runs) * math.sqrt(theory.adam_floor(rate, curvature, sd**2, batch))
    m, v = np.zeros(runs), np.full(runs, sd**2 / batch)  # past the bias correction
    for _ in range(4000):
        gradient = curvature * w + sd / math.sqrt(batch) * rng.standard_normal(runs)
        m = beta1 * m + (1 - beta1) * gradient
        v = beta2 * v + (1 - beta2) * gradient**2
        w = w - rate * m / (np.sqrt(v) + 1e-8)
    assert_variance(w, theory.adam_floor(rate, curvature, sd**2, batch), bias=0.02)


@pytest.mark.parametrize("momentum", [0.0, 0.9])
def test_stability_threshold(momentum):
    rate = 0.1
    threshold = theory.sharpness_threshold(rate, momentum)
    below, above = (
        noisy_quadratic(rate, factor * threshold, 0.0, 2000, momentum, runs=1, w=1.0)
        for factor in (0.98, 1.02)
    )
    assert abs(below[-1, 0]) < 1 < abs(above[-1, 0])


def test_adam_stability_threshold():
    """Preconditioned momentum descent, m an average, is stable up to (2+2β₁)/((1-β₁)η)."""
    rate, beta1 = 0.01, 0.9
    for factor, stable in ((0.98, True), (1.02, False)):
        curvature, w, m = factor * theory.adam_sharpness_threshold(rate, beta1), 1.0, 0.0
        for _ in range(2000):
            m = beta1 * m + (1 - beta1) * curvature * w
            w -= rate * m
        assert (abs(w) < 1) is stable


def test_descent_curve():
    rng = np.random.default_rng(3)
    x, start = rng.standard_normal((20, 5)), rng.standard_normal(5)
    y = rng.standard_normal(20)
    hessian, solution = x.T @ x / 20, np.linalg.lstsq(x, y)[0]
    curve = theory.descent_curve(hessian, 0.3, start, solution, steps=15)
    w = start
    for step in range(16):
        np.testing.assert_allclose(curve[step], w, rtol=1e-10, atol=1e-12)
        w = w - 0.3 * x.T @ (x @ w - y) / 20


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
