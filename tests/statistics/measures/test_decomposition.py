"""What one run's ups and downs are made of: known parts are found again."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from benchmark.measures import (
    EvaluationNoise,
    EvaluationShare,
    NoiseShare,
    TrendShare,
    WanderShare,
)
from benchmark.statistics.measures import EvaluationGap, standard_measures
from benchmark.statistics.measures.decomposition import binomial_share, split

RUNS, TIMES = 400, 200

SHARES = (TrendShare, WanderShare, NoiseShare)


def share(measure, curves):
    return measure("x").of_curves(curves)


def white(sd=1.0, shape=(RUNS, TIMES)):
    return sd * np.random.default_rng(1).standard_normal(shape)


def slow(sd, period=50.0):
    """A wave of random phase with that SD over time."""
    phase = np.random.default_rng(2).uniform(0, 2 * np.pi, (RUNS, 1))
    return sd * 2**0.5 * np.sin(2 * np.pi * np.arange(TIMES) / period + phase)


def line(sd):
    time = np.linspace(-1, 1, TIMES)
    return sd * (time / time.std())[None] * np.ones((RUNS, 1))


def standard_error(values):
    return 4 * values.std() / len(values) ** 0.5


# --- the split ----------------------------------------------------------------------------


def test_known_parts_are_found():
    curves = line(3.0) + slow(2.0) + white(1.0)
    parts = split(curves)
    # A line fits part of the wave, for or against the trend; its variance less so.
    assert parts.trend.mean() == pytest.approx(9, rel=0.02)
    assert parts.wander.mean() == pytest.approx(4, rel=0.1)
    assert parts.noise.mean() == pytest.approx(1, abs=standard_error(parts.noise) + 0.01)


def test_autoregression_is_wander_and_noise():
    """Of AR(1) with φ the jitter takes 1 − 4φ/3 + φ²/3 of the stationary variance."""
    phi, burn = 0.6, 100
    steps = np.random.default_rng(3).standard_normal((RUNS, burn + 1000))
    curves = np.zeros_like(steps)
    for t in range(1, steps.shape[1]):
        curves[:, t] = phi * curves[:, t - 1] + steps[:, t]
    noise = split(curves[:, burn:]).noise * (1 - phi**2)
    expected = 1 - 4 * phi / 3 + phi**2 / 3
    assert noise.mean() == pytest.approx(expected, abs=standard_error(noise))
    assert share(TrendShare, curves[:, burn:]).max() < 0.1


def test_white_noise_straight_line_and_period_two():
    noise = white()
    assert share(NoiseShare, noise).mean() > 0.95
    assert share(TrendShare, noise).mean() == pytest.approx(1 / TIMES, rel=0.3)
    np.testing.assert_allclose(share(TrendShare, line(1.0)), 1)
    two = np.tile([0.0, 1.0], (1, 50))
    assert share(NoiseShare, two) == pytest.approx(1, abs=0.01)
    assert share(WanderShare, two) == 0


curves_of_any_kind = arrays(
    np.float64,
    st.tuples(st.integers(1, 4), st.integers(4, 30)),
    elements=st.floats(-1e3, 1e3).map(lambda number: round(number, 3)),
)


@given(curves_of_any_kind)
def test_shares_sum_to_one_and_are_shares(curves):
    shares = np.stack([share(measure, curves) for measure in SHARES])
    still = np.ptp(curves, axis=1) == 0
    assert np.isnan(shares[:, still]).all()
    np.testing.assert_allclose(shares[:, ~still].sum(axis=0), 1)
    assert (shares[:, ~still] > -1e-9).all() and (shares[:, ~still] < 1 + 1e-9).all()
    np.testing.assert_allclose(split(curves).whole, curves.var(axis=1), atol=1e-7)


@given(curves_of_any_kind, st.sampled_from([-3.0, 0.5, 100.0]), st.floats(-10, 10))
def test_shares_do_not_depend_on_unit_or_origin(curves, scale, shift):
    moved = scale * curves + shift
    kept = np.ptp(curves, axis=1) > 0
    for measure in SHARES:
        np.testing.assert_allclose(
            share(measure, moved)[kept], share(measure, curves)[kept], rtol=1e-5, atol=1e-7
        )
    half = EvaluationShare().of_curves(curves, np.roll(curves, 1, axis=0))
    other = EvaluationShare().of_curves(moved, np.roll(moved, 1, axis=0))
    np.testing.assert_allclose(other, half, rtol=1e-4, atol=1e-6)


def test_diverged_and_short_runs_have_no_parts():
    curves = white(shape=(3, 10))
    curves[1, 4] = np.inf
    for measure in SHARES:
        assert np.isnan(share(measure, curves)).tolist() == [False, True, False]
    of_halves = EvaluationShare().of_curves(curves, curves)
    assert np.isnan(of_halves).tolist() == [False, True, False]
    assert np.isnan(share(NoiseShare, curves[:, :3])).all()


# --- the part of the evaluation -----------------------------------------------------------


def test_noise_of_both_halves_is_the_evaluation_and_common_noise_is_not():
    real = line(2.0) + slow(1.0) + white(0.6)
    own = np.random.default_rng(4).standard_normal((2, RUNS, TIMES))
    first, second = real + 0.8 * own
    # The whole set has twice the samples of a half.
    expected = 0.8**2 / 2
    found = EvaluationNoise().of_curves(first, second) ** 2
    assert found.mean() == pytest.approx(expected, abs=standard_error(found))
    whole = (first + second) / 2
    evaluation = EvaluationShare().of_curves(first, second)
    assert evaluation.mean() == pytest.approx(expected / whole.var(axis=1).mean(), rel=0.05)
    steps = share(NoiseShare, whole) - evaluation
    assert steps.mean() == pytest.approx(0.6**2 / whole.var(axis=1).mean(), rel=0.05)
    # A set that is easier than the other throughout makes no noise.
    np.testing.assert_allclose(EvaluationNoise().of_curves(real, real + 5), 0, atol=1e-12)


def test_fresh_samples_reach_the_binomial_bound():
    rng = np.random.default_rng(5)
    samples, right = 100, 0.8
    accuracy = rng.binomial(samples, right, (RUNS, TIMES)) / samples
    bound = binomial_share(accuracy, samples)
    assert bound.mean() > 0.9 and (bound <= 1).all()
    # On one set of samples most of the errors stay, and the bound is far above the noise.
    margin = rng.standard_normal((RUNS, 1, samples)) + 0.8
    jumps = margin + 0.1 * rng.standard_normal((RUNS, 60, samples))
    fixed = (jumps > 0).mean(axis=2) + line(0.1)[:, :60]
    bounded = binomial_share(fixed, samples)
    assert (bounded <= share(NoiseShare, fixed) + 1e-12).all()


def test_measures_by_name():
    rng = np.random.default_rng(6)
    halves = {f"validation_{part}_loss": rng.normal(size=(5, 40)) for part in "ab"}
    series = halves | {"validation_loss": sum(halves.values()) / 2}
    shares = [kind("validation_loss").evaluate(series) for kind in SHARES]
    np.testing.assert_allclose(np.sum(shares, axis=0), 1)
    late = [held[:, 20:] for held in halves.values()]
    np.testing.assert_array_equal(
        EvaluationShare().evaluate(series), EvaluationShare().of_curves(late[0], late[1])
    )
    np.testing.assert_array_equal(
        EvaluationNoise().evaluate(series), EvaluationNoise().of_curves(late[0], late[1])
    )
    chosen = standard_measures(list(series))
    assert EvaluationShare() in chosen and NoiseShare("validation_loss") in chosen
    assert EvaluationShare("accuracy") not in chosen and EvaluationGap() not in chosen
    only = {EvaluationNoise, EvaluationShare}
    assert {type(m) for m in chosen if "validation_a_loss" in m.series} == only
