"""Floors, texture and stability on a quadratic against direct simulation."""

import math

import numpy as np
import pytest

from benchmark import theory
from helpers.numbers import assert_mean, assert_variance

RUNS = 5000


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
