"""Measures of curves: against naive code, known values, statsmodels, and symmetries."""

import itertools
import math
from inspect import isabstract

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from statsmodels.stats.stattools import durbin_watson
from statsmodels.tsa.stattools import acf

import benchmark.measures
from benchmark.measures import (
    Autocorrelation,
    Custom,
    Diverged,
    DominantPeriod,
    Drawup,
    EvaluationGap,
    EvaluationNoise,
    EvaluationShare,
    Event,
    Final,
    GeneralisationGap,
    Jitter,
    Level,
    NoiseShare,
    PeriodicityP,
    RelativeJitter,
    ReversalFraction,
    RiseFraction,
    RunSpread,
    Spiked,
    SpikeRate,
    StepsTo,
    TrendShare,
    Variance,
    VonNeumann,
    Wander,
    WanderShare,
)
from helpers.noise import WHITE, ar1, measured
from helpers.numbers import assert_mean

CURVES = np.random.default_rng(1).lognormal(size=(5, 17))


def line_residuals(x: np.ndarray) -> np.ndarray:
    time = np.arange(len(x))
    return x - np.polyval(np.polyfit(time, x, 1), time)


def naive_jitter(x):
    e = [x[t] - (x[t - 1] + x[t + 1]) / 2 for t in range(1, len(x) - 1)]
    return math.sqrt(2 / 3 * sum(v * v for v in e) / len(e))


def naive_drawup(x):
    return max(x[t] - min(x[: t + 1]) for t in range(len(x)))


def naive_reversals(x):
    inner = range(1, len(x) - 1)
    extreme = [x[t] > max(x[t - 1], x[t + 1]) or x[t] < min(x[t - 1], x[t + 1]) for t in inner]
    return sum(extreme) / len(extreme)


def naive_von_neumann(x):
    r = line_residuals(x)
    return np.mean(np.diff(r) ** 2) / np.mean(r**2)


def naive_spike_rate(x):
    e = np.array([x[t] - (x[t - 1] + x[t + 1]) / 2 for t in range(1, len(x) - 1)])
    mad = np.median([abs(v - np.median(e)) for v in e])
    return sum(v > 5 * 1.4826 * mad for v in e) / len(e)


NAIVE = {
    "level": (Level("x").of_curves, np.mean),
    "final": (Final("x").of_curves, lambda x: x[-1]),
    "jitter": (Jitter("x").of_curves, naive_jitter),
    "relative_jitter": (RelativeJitter("x").of_curves, lambda x: naive_jitter(np.log(x))),
    "variance": (Variance("x").of_curves, lambda x: np.var(x, ddof=1)),
    "rise_fraction": (
        RiseFraction("x").of_curves,
        lambda x: np.mean([later > now for now, later in itertools.pairwise(x)]),
    ),
    "drawup": (Drawup("x").of_curves, naive_drawup),
    "reversal_fraction": (ReversalFraction("x").of_curves, naive_reversals),
    "von_neumann": (VonNeumann("x").of_curves, naive_von_neumann),
    "spike_rate": (SpikeRate("x").of_curves, naive_spike_rate),
    "autocorrelation": (
        lambda curves: Autocorrelation("x", lag=3).of_curves(curves),
        lambda x: list(acf(x, nlags=3))[3],
    ),
}


@pytest.mark.parametrize("kind", NAIVE)
def test_agrees_with_naive_code(kind):
    fast, slow = NAIVE[kind]
    np.testing.assert_allclose(fast(CURVES), [slow(x) for x in CURVES], rtol=1e-10)


def test_wander_is_the_distance_from_the_other_runs():
    expected = [
        np.std(x - np.delete(CURVES, i, axis=0).mean(axis=0), ddof=1)
        for i, x in enumerate(CURVES)
    ]
    np.testing.assert_allclose(measured(Wander, CURVES), expected)


def test_von_neumann_is_durbin_watson_up_to_the_number_of_points():
    expected = [durbin_watson(line_residuals(x)) * 17 / 16 for x in CURVES]
    np.testing.assert_allclose(measured(VonNeumann, CURVES), expected)


def test_white_noise():
    on_a_line = 0.3 * WHITE + np.linspace(5, -9, 30)
    assert_mean(measured(Jitter, on_a_line) ** 2, 0.09)
    assert_mean(measured(RiseFraction, WHITE), 1 / 2)
    assert_mean(measured(ReversalFraction, WHITE), 2 / 3)
    assert_mean(measured(VonNeumann, WHITE), 2 + 4 / 30, tolerance=0.03)
    assert_mean(measured(Wander, WHITE[:10]) ** 2, 10 / 9)
    assert_mean(measured(Variance, WHITE), 1.0)


@pytest.mark.parametrize("phi", [-0.6, 0.5])
def test_autoregression(phi):
    curves = ar1(phi, 200, 2000)
    assert_mean(measured(Autocorrelation, curves), phi, tolerance=0.002)
    assert_mean(measured(VonNeumann, curves), 2 * (1 - phi), tolerance=0.006)


def test_alternating_curve():
    curve = np.tile([1.0, -1.0], 20)[None]
    assert measured(VonNeumann, curve) == pytest.approx(4, abs=3 / 40**2 * 4)
    assert measured(ReversalFraction, curve) == 1
    for length in (40, 39):
        assert measured(DominantPeriod, curve[:, :length]) == 2
        assert measured(PeriodicityP, curve[:, :length]) == pytest.approx(1 / 2000)


def test_noise_free_descent():
    curve = np.exp(-np.arange(30) / 7)[None]
    assert measured(RiseFraction, curve) == 0
    assert measured(Drawup, curve) == 0
    assert measured(ReversalFraction, curve) == 0
    assert measured(SpikeRate, curve) == 0


def test_setbacks_and_spikes_of_accuracies_are_falls():
    rng = np.random.default_rng(5)
    loss = 1 + 0.01 * rng.standard_normal((1, 40))
    loss[0, 20] = 2.0
    for name, curve in (("train_loss", loss), ("train_accuracy", 1 - loss)):
        series = {name: curve}
        setback = Drawup(name, window=(0, 1)).evaluate(series)
        assert setback == pytest.approx(1, abs=0.1)
        spikes = SpikeRate(name, window=(0, 1)).evaluate(series)
        assert spikes == pytest.approx(1 / 38)


# --- Symmetries ---------------------------------------------------------------------------

finite_curves = arrays(
    np.float64, (3, 12), elements=st.floats(-1, 1).map(lambda x: round(x, 3))
)

SCALES = (Jitter, Drawup, Wander)

STAYS = (
    RiseFraction,
    ReversalFraction,
    VonNeumann,
    DominantPeriod,
    PeriodicityP,
    Autocorrelation,
)


@settings(max_examples=40, deadline=None)
@given(finite_curves, st.sampled_from([0.25, 8.0]), st.sampled_from([-4.0, 0.0, 16.0]))
def test_shift_and_scale(curves, scale, shift):
    for kind in SCALES:
        measure = kind("x").of_curves
        np.testing.assert_allclose(
            measure(scale * curves + shift), scale * measure(curves), rtol=1e-7, atol=1e-10
        )
    np.testing.assert_allclose(
        measured(Level, scale * curves + shift),
        scale * measured(Level, curves) + shift,
    )
    varied = curves[np.ptp(curves, axis=1) > 0.1]
    if len(varied):
        for kind in STAYS[:2]:
            measure = kind("x").of_curves
            rounded = np.round(scale * varied + shift, 9)
            np.testing.assert_allclose(measure(rounded), measure(varied))


@settings(max_examples=40, deadline=None)
@given(finite_curves)
def test_scale_free_measures(curves):
    for kind in STAYS:
        measure = kind("x").of_curves
        np.testing.assert_allclose(measure(4 * curves), measure(curves))


@settings(max_examples=40, deadline=None)
@given(finite_curves, st.permutations(range(3)))
def test_runs_can_be_permuted(curves, order):
    for measure in (
        Jitter("x").of_curves,
        Wander("x").of_curves,
        VonNeumann("x").of_curves,
        PeriodicityP("x").of_curves,
    ):
        np.testing.assert_allclose(measure(curves[order]), measure(curves)[order], rtol=1e-9)


@settings(max_examples=40, deadline=None)
@given(*[st.floats(-100, 100).map(lambda x: round(x, 3))] * 2)
def test_straight_lines_do_not_fluctuate(start, slope):
    line = start + slope * np.arange(40.0)[None]
    assert measured(Jitter, line) == pytest.approx(0, abs=1e-11)
    assert measured(SpikeRate, line) == 0
    assert np.isnan(measured(VonNeumann, line))
    assert np.isnan(measured(DominantPeriod, line))


# --- Missing runs, missing times, shapes --------------------------------------------------

ALL = [
    Level("x"), Final("x"), Jitter("x"), RelativeJitter("x"),
    Wander("x"), RunSpread("x"), RiseFraction("x"), Drawup("x"),
    ReversalFraction("x"), VonNeumann("x"), DominantPeriod("x"),
    PeriodicityP("x"), SpikeRate("x"), Autocorrelation("x"),
    Variance("x"), Diverged("x"), Spiked("x"),
    StepsTo("x", below=0.5),
    TrendShare("x"), WanderShare("x"), NoiseShare("x"),
    EvaluationNoise("x"), EvaluationShare("x"), EvaluationGap("x"), GeneralisationGap(),
    Custom("mine", "x", lambda curves: curves[:, -1]),
]  # fmt: skip


def test_every_built_in_measure_is_tried():
    public = (getattr(benchmark.measures, name) for name in benchmark.measures.__all__)
    built_in = {each for each in public if isinstance(each, type) and not isabstract(each)}
    assert {type(measure) for measure in ALL} == built_in


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("measure", ALL, ids=lambda measure: measure.called)
def test_a_diverged_run_touches_no_other(measure, bad):
    rng = np.random.default_rng(7)
    curves = {name: rng.lognormal(size=(6, 20)) for name in measure.series}
    alone = measure.evaluate({name: curve[1:] for name, curve in curves.items()})
    curves[measure.series[0]][0, 15:] = bad
    values = measure.evaluate(curves)
    np.testing.assert_allclose(values[1:], alone)
    if isinstance(measure, Event):
        assert values[0] == 1
    elif not isinstance(measure, StepsTo | Custom):
        assert np.isnan(values[0])


@pytest.mark.parametrize("measure", ALL, ids=lambda measure: measure.called)
@pytest.mark.parametrize("shape", [(3,), (3, 1), (3, 2), (1, 12), (3, 4, 5)])
def test_short_and_unusual_shapes(measure, shape):
    series = {name: np.full(shape, 0.25, dtype=np.float32) for name in measure.series}
    assert measure.evaluate(series).shape == shape[:1]


def test_divergence_of_all_runs_is_not_sparseness():
    curves = np.ones((4, 20))
    curves[:, 15:] = np.nan
    assert np.isnan(Jitter("x").evaluate({"x": curves})).all()
    assert (Diverged("x").evaluate({"x": curves}) == 1).all()
    assert np.isnan(Level("x").evaluate({"x": np.full((4, 20), np.nan)})).all()


def test_infinite_runs_have_no_gap_and_warn_of_nothing():
    series = {
        "running_train_loss": np.array([[1.0, np.inf, np.inf], [1.0, 1.0, 1.0]]),
        "train_loss": np.array([[1.0, np.inf, np.inf], [1.0, 0.5, 0.5]]),
    }
    series["validation_loss"] = series["train_loss"] + 1
    for measure, gap in ((EvaluationGap(), 0.5), (GeneralisationGap(), 1.0)):
        np.testing.assert_array_equal(measure.evaluate(series), [np.nan, gap])


def test_gaps_use_times_at_which_both_are_recorded():
    reported, at_end = np.full((2, 8), 3.0), np.full((2, 8), np.nan)
    at_end[:, 1::2] = 1.0
    series = {"running_train_loss": reported, "train_loss": at_end}
    np.testing.assert_array_equal(EvaluationGap().evaluate(series), [2, 2])
