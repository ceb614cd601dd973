"""Measures of curves: against naive code, known values, statsmodels, and symmetries."""

import itertools
import math
import re
from inspect import isabstract

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from statsmodels.stats.stattools import durbin_watson
from statsmodels.tsa.stattools import acf

import benchmark.measures
from benchmark.declare.curves import recorded, windowed
from benchmark.declare.errors import UserError
from benchmark.declare.measure import Measure
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
    standard_measures,
)
from benchmark.statistics.measures import spectrum


def measured(measure: type[Measure], curves: np.ndarray) -> np.ndarray:
    """A measure without settings, of curves [run, time]."""
    return measure("x").of_curves(curves)


CURVES = np.random.default_rng(1).lognormal(size=(5, 17))
WHITE = np.random.default_rng(2).standard_normal((4000, 30))


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


def assert_mean(values: np.ndarray, expected: float, tolerance: float = 0.0) -> None:
    """The mean is within 4 standard errors (plus a known bias) of what is expected."""
    error = values.std(ddof=1) / math.sqrt(len(values))
    assert abs(values.mean() - expected) < 4 * error + tolerance


def test_white_noise():
    on_a_line = 0.3 * WHITE + np.linspace(5, -9, 30)
    assert_mean(measured(Jitter, on_a_line) ** 2, 0.09)
    assert_mean(measured(RiseFraction, WHITE), 1 / 2)
    assert_mean(measured(ReversalFraction, WHITE), 2 / 3)
    assert_mean(measured(VonNeumann, WHITE), 2 + 4 / 30, tolerance=0.03)
    assert_mean(measured(Wander, WHITE[:10]) ** 2, 10 / 9)
    assert_mean(measured(Variance, WHITE), 1.0)


def ar1(phi: float, runs: int, times: int) -> np.ndarray:
    noise = np.random.default_rng(3).standard_normal((runs, times))
    curves = np.empty_like(noise)
    curves[:, 0] = noise[:, 0] / math.sqrt(1 - phi**2)
    for t in range(1, times):
        curves[:, t] = phi * curves[:, t - 1] + noise[:, t]
    return curves


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


# --- Symmetries -----------------------------------------------------------------------

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
@given(st.floats(-100, 100), st.floats(-100, 100))
def test_straight_lines_do_not_fluctuate(start, slope):
    line = start + slope * np.arange(40.0)[None]
    assert measured(Jitter, line) == pytest.approx(0, abs=1e-11)
    assert measured(SpikeRate, line) == 0
    assert np.isnan(measured(VonNeumann, line))
    assert np.isnan(measured(DominantPeriod, line))


# --- Missing runs, missing times, shapes ------------------------------------------------

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


def test_sparse_series_are_measured_where_they_were_recorded():
    dense = np.random.default_rng(8).lognormal(size=(4, 10))
    sparse = np.full((4, 40), np.nan)
    sparse[:, 3::4] = dense
    for measure in (Jitter("x"), Final("x"), VonNeumann("x")):
        np.testing.assert_allclose(
            measure.evaluate({"x": sparse}), measure.evaluate({"x": dense})
        )
    # Recorded at the start of every stretch, the end stays silent.
    sparse = np.roll(sparse, -3, axis=1)
    np.testing.assert_allclose(recorded(sparse), dense)


def test_divergence_of_all_runs_is_not_sparseness():
    curves = np.ones((4, 20))
    curves[:, 15:] = np.nan
    assert np.isnan(Jitter("x").evaluate({"x": curves})).all()
    assert (Diverged("x").evaluate({"x": curves}) == 1).all()
    assert np.isnan(Level("x").evaluate({"x": np.full((4, 20), np.nan)})).all()


def test_windows():
    curves = np.arange(10.0)[None]
    assert windowed(curves, (0.5, 1.0))[0].tolist() == [5, 6, 7, 8, 9]
    assert windowed(curves, (0.0, 0.3))[0].tolist() == [0, 1, 2]
    assert windowed(curves, (0.99, 1.0))[0].tolist() == [9]
    assert windowed(curves[:, :5], (0.5, 1.0))[0].tolist() == [2, 3, 4]
    assert windowed(curves[:, :1], (0.5, 1.0))[0].tolist() == [0]


def test_steps_are_flattened_in_time():
    steps = np.random.default_rng(9).standard_normal((3, 4, 5))
    np.testing.assert_array_equal(
        Jitter("step_loss").evaluate({"step_loss": steps}),
        Jitter("x").evaluate({"x": steps.reshape(3, 20)}),
    )


def test_outcomes():
    loss = np.array([[4.0, 2.0, 9.0], [4.0, 41.0, 1.0], [30.0, 2.0, 5.0], [4.0, np.inf, 1.0]])
    start = np.array([5.0, 4.0, 2.0, 4.0])
    assert Diverged().evaluate({"train_loss": loss}).tolist() == [1, 0, 0, 1]
    assert Spiked().evaluate({"train_loss": loss}).tolist() == [0, 1, 0, 1]
    series = {"train_loss": loss, "initial_train_loss": start}
    assert Diverged().evaluate(series).tolist() == [0, 0, 1, 1]
    assert Spiked().evaluate(series).tolist() == [0, 1, 1, 1]
    steps = StepsTo("train_loss", below=2.5).evaluate(series)
    np.testing.assert_array_equal(steps, [1, 2, 1, 2])
    assert np.isnan(StepsTo("train_loss", below=0.5).evaluate(series)).all()


def ended(curves: np.ndarray) -> tuple[float, ...]:
    """Shares of runs that diverged and that spiked."""
    series = {"train_loss": np.asarray(curves, dtype=np.float32)}
    return tuple(float(kind().evaluate(series).mean()) for kind in EVENTS)


EVENTS = (Diverged, Spiked)


def descent(
    rate: float, momentum: float, start: float, noise=1.0, epochs=60, dimension=1, steps=20
) -> np.ndarray:
    """Losses ½‖w‖² of heavy-ball runs, [run, epoch]."""
    rng = np.random.default_rng(11)
    w, v = np.full((200, dimension), start), np.zeros((200, dimension))
    loss = [0.5 * np.sum(w**2, 1)]
    for _ in range(epochs):
        for _ in range(steps):
            v = momentum * v - rate * (w + noise * rng.standard_normal(w.shape))
            w = w + v
        loss.append(0.5 * np.sum(w**2, 1))
    return np.stack(loss, 1)


@pytest.mark.parametrize("dimension", [1, 2, 50])
@pytest.mark.parametrize(("rate", "momentum"), [(0.1, 0.0), (1.5, 0.0), (0.1, 0.9)])
def test_a_stationary_run_has_not_diverged_wherever_it_started(rate, momentum, dimension):
    how = {"rate": rate, "momentum": momentum, "dimension": dimension}
    assert ended(descent(start=0.0, **how))[0] <= 0.02
    assert ended(descent(start=5.0, **how)) == (0, 0)
    # Begun in the stationary state, now and then far below the floor by chance.
    assert ended(descent(start=5.0, epochs=100, **how)[:, 40:])[0] <= 0.02


def test_what_comes_back_has_spiked_and_not_diverged():
    # Below its edge, 2(1 + β) = 3.8, the heavy ball first grows.
    heavy = descent(3.7, 0.9, 1.0, noise=0.0, epochs=200, steps=1)
    assert ended(heavy) == (0, 1)
    catapult = np.concatenate([[0.5], np.geomspace(0.6, 80, 10), np.geomspace(20, 1e-17, 20)])
    assert ended(catapult[None]) == (0, 1)
    late = np.concatenate([np.geomspace(2.3, 0.01, 40), [900.0], np.full(5, 0.01)])
    assert ended(late[None]) == (0, 1)
    # Dead units leave a network that guesses: where it began, after an explosion.
    guessing = np.concatenate([[2.35], [4e4], np.full(40, 2.31)])
    assert ended(guessing[None]) == (0, 1)


def test_what_grows_has_diverged():
    time = np.linspace(0, 1, 61)
    noise = np.exp(0.05 * np.random.default_rng(12).standard_normal((200, 61)))
    assert ended(2.3 * np.exp(1.5 * time) * noise) == (1, 0)
    assert ended(2.3 * np.exp(5 * time) * noise) == (1, 1)
    assert ended(1e-9 * np.exp(60 * time) * noise) == (1, 1)
    # From the exact minimum, where there is nothing to multiply.
    unstable = descent(2.02, 0.0, 0.0)
    assert unstable[0, 0] == 0 and ended(unstable) == (1, 1)
    late = np.concatenate([np.geomspace(2.3, 0.01, 55), 0.01 * 10.0 ** np.arange(1, 7)])
    assert ended(late[None]) == (1, 1)
    stuck = np.concatenate([[2.3], 8 + 0.5 * np.random.default_rng(13).standard_normal(60)])
    assert ended(stuck[None]) == (1, 0)
    # Less than twice the start is not far.
    assert ended(2.3 * (1 + 0.8 * time)[None]) == (0, 0)


@pytest.mark.parametrize(
    ("loss", "expected"),
    [
        ([2.0], (0, 0)),
        ([2.0, 3.9], (0, 0)),
        ([2.0, 4.1], (1, 0)),
        ([2.0, 21.0], (1, 1)),
        ([2.0, 9.0, 1.0], (0, 0)),
        ([2.0, 3.0, 9.0], (1, 0)),
        ([2.0, 30.0, 30.0, 1.0], (0, 1)),
        ([2.0, 5.0, 7.0, 9.0], (1, 0)),
        ([0.0, 0.5], (0, 0)),
        ([-2.0, -1.0], (0, 0)),
        ([-2.0, 0.5], (1, 0)),
        ([np.nan], (1, 1)),
        ([2.0, np.nan, 1.0], (1, 1)),
        ([2.0, np.inf, 1.0], (1, 1)),
        ([2.0, 1.0, -np.inf], (1, 1)),
        ([np.inf, 1.0, 1.0], (1, 1)),
    ],
)
def test_short_runs_and_runs_that_are_not_finite(loss, expected):
    # Beside a healthy run, or a time without any value would count as not recorded.
    both = np.array([loss, np.ones(len(loss))])
    series = {"train_loss": both}
    assert tuple(kind().evaluate(series)[0] for kind in EVENTS) == expected
    assert all(kind().evaluate(series)[1] == 0 for kind in EVENTS)


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


class Mean(Measure):
    def values(self, curves):
        return curves.mean(axis=1)


def test_mistakes_are_named():
    series = {"train_loss": np.ones((2, 5)), "validation_loss": np.ones((2, 4))}
    with pytest.raises(UserError, match="'train_los'.*Did you mean 'train_loss'"):
        Level("train_los").evaluate(series)
    with pytest.raises(UserError, match="different shapes"):
        GeneralisationGap().evaluate(series)
    with pytest.raises(UserError, match="one value per run"):
        Custom("mine", "train_loss", lambda curves: curves).evaluate(series)
    for wrong, said in (
        (lambda: Jitter("x", window=(0.5, 0.5)), "must satisfy 0 <= start < end <= 1"),
        (lambda: Mean("x", window=(0.5,)), "Mean.window is (0.5,)"),  # type: ignore[arg-type]
        (lambda: Final("x", window=(0.0, 1.0)), "looks at the whole run"),
        (lambda: Jitter(("x", "y")), "Jitter needs 1 series"),
        (lambda: GeneralisationGap(("x",)), "GeneralisationGap needs 2 series"),
        (lambda: Jitter(""), "must name one or more series"),
        (lambda: Jitter(()), "must name one or more series"),
        (lambda: Mean(3), "Mean.of is 3"),  # type: ignore[arg-type]
        (lambda: Mean("x", over_runs="median"), "Mean.over_runs"),  # type: ignore[arg-type]
        (lambda: RunSpread("x", over_runs="mean"), "an SD over runs"),
        (lambda: Autocorrelation("x", lag=0), "not 1, 2, 3"),
        (lambda: Custom("", "x", len), "must name the measure"),
        (lambda: Custom("level", "x", len), "called 'level' already"),
        (lambda: type("Jitter", (Mean,), {"__module__": "mine"}), "called Jitter already"),
        (lambda: Custom("m", "x", len, bounds=(1, 0)), "lowest must be below"),
    ):
        with pytest.raises(UserError, match=re.escape(said)):
            wrong()


def test_one_name_stands_for_one_measure():
    from benchmark import Condition, Point, Quadratic, Scenario

    Custom("noise_share", ("x", "y"), lambda x, y: x[:, 0])
    how = {
        "question": "Is it so?",
        "says": "It is.",
        "base": Condition(Quadratic(n_train=32), Point()),
    }
    mine = Custom("mine", "train_loss", lambda x: x[:, 0])
    Scenario(**how, show=(mine, mine))
    with pytest.raises(UserError, match=r"Two different .* 'mine\(train_loss\)'"):
        Scenario(**how, show=(mine, Custom("mine", "train_loss", lambda x: x[:, 1])))


def test_names_are_unique_and_stable():
    names = ["train_loss", "validation_loss", "train_accuracy", "running_train_loss",
             "sharpness", "step_loss", "initial_train_loss"]  # fmt: skip
    measures = standard_measures(names)
    assert len({measure.name for measure in measures}) == len(measures)
    assert Jitter("train_loss").name == "jitter(train_loss)"
    assert RunSpread("x").name == "run_spread(x)"
    assert Jitter("x", window=(0.25, 1)).name == "jitter(x, window=0.25-1)"
    assert Level("x", over_runs="sd").name == "level(x, over_runs=sd)"
    assert StepsTo("x", below=0.1).name == "steps_to(x, below=0.1)"
    kinds = {type(measure) for measure in measures}
    assert kinds >= {EvaluationGap, GeneralisationGap, Diverged, Wander}
    assert not any("initial" in measure.name for measure in measures)
    series = {name: np.ones((3, 8)) for name in names}
    assert all(measure.evaluate(series).shape == (3,) for measure in measures)
