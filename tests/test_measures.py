"""Measures of curves: against naive code, known values, statsmodels, and symmetries."""

import itertools
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from statsmodels.stats.stattools import durbin_watson
from statsmodels.tsa.stattools import acf

from benchmark.declare import measure as declare
from benchmark.declare.curves import recorded, windowed
from benchmark.declare.errors import UserError
from benchmark.declare.measure import Measure
from benchmark.statistics import evaluate, standard_measures
from benchmark.statistics.measures import fluctuation, spectrum

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
    "level": (fluctuation.level, np.mean),
    "final": (fluctuation.final, lambda x: x[-1]),
    "jitter": (fluctuation.jitter, naive_jitter),
    "relative_jitter": (fluctuation.relative_jitter, lambda x: naive_jitter(np.log(x))),
    "variance": (fluctuation.variance, lambda x: np.var(x, ddof=1)),
    "rise_fraction": (
        fluctuation.rise_fraction,
        lambda x: np.mean([later > now for now, later in itertools.pairwise(x)]),
    ),
    "drawup": (fluctuation.drawup, naive_drawup),
    "reversal_fraction": (fluctuation.reversal_fraction, naive_reversals),
    "von_neumann": (fluctuation.von_neumann, naive_von_neumann),
    "spike_rate": (fluctuation.spike_rate, naive_spike_rate),
    "autocorrelation": (
        lambda curves: fluctuation.autocorrelation(curves, lag=3),
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
    np.testing.assert_allclose(fluctuation.wander(CURVES), expected)


def test_von_neumann_is_durbin_watson_up_to_the_number_of_points():
    expected = [durbin_watson(line_residuals(x)) * 17 / 16 for x in CURVES]
    np.testing.assert_allclose(fluctuation.von_neumann(CURVES), expected)


def assert_mean(values: np.ndarray, expected: float, tolerance: float = 0.0) -> None:
    """The mean is within 4 standard errors (plus a known bias) of what is expected."""
    error = values.std(ddof=1) / math.sqrt(len(values))
    assert abs(values.mean() - expected) < 4 * error + tolerance


def test_white_noise():
    on_a_line = 0.3 * WHITE + np.linspace(5, -9, 30)
    assert_mean(fluctuation.jitter(on_a_line) ** 2, 0.09)
    assert_mean(fluctuation.rise_fraction(WHITE), 1 / 2)
    assert_mean(fluctuation.reversal_fraction(WHITE), 2 / 3)
    assert_mean(fluctuation.von_neumann(WHITE), 2 + 4 / 30, tolerance=0.03)
    assert_mean(fluctuation.wander(WHITE[:10]) ** 2, 10 / 9)
    assert_mean(fluctuation.variance(WHITE), 1.0)


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
    assert_mean(fluctuation.autocorrelation(curves), phi, tolerance=0.002)
    assert_mean(fluctuation.von_neumann(curves), 2 * (1 - phi), tolerance=0.006)


def test_alternating_curve():
    curve = np.tile([1.0, -1.0], 20)[None]
    assert fluctuation.von_neumann(curve) == pytest.approx(4, abs=3 / 40**2 * 4)
    assert fluctuation.reversal_fraction(curve) == 1
    for length in (40, 39):
        assert spectrum.dominant_period(curve[:, :length]) == 2
        assert spectrum.periodicity_p(curve[:, :length]) == pytest.approx(1 / 2000)


def test_noise_free_descent():
    curve = np.exp(-np.arange(30) / 7)[None]
    assert fluctuation.rise_fraction(curve) == 0
    assert fluctuation.drawup(curve) == 0
    assert fluctuation.reversal_fraction(curve) == 0
    assert fluctuation.spike_rate(curve) == 0


def test_setbacks_and_spikes_of_accuracies_are_falls():
    rng = np.random.default_rng(5)
    loss = 1 + 0.01 * rng.standard_normal((1, 40))
    loss[0, 20] = 2.0
    for name, curve in (("train_loss", loss), ("train_accuracy", 1 - loss)):
        series = {name: curve}
        setback = evaluate(declare.Drawup(name, window=(0, 1)), series)
        assert setback == pytest.approx(1, abs=0.1)
        spikes = evaluate(declare.SpikeRate(name, window=(0, 1)), series)
        assert spikes == pytest.approx(1 / 38)


@pytest.mark.parametrize("period", [2, 3, 5, 10])
def test_finds_a_period_in_noise(period):
    wave = 2 * np.cos(2 * np.pi * np.arange(30) / period)
    curves = wave + WHITE[:300]
    assert np.mean(spectrum.dominant_period(curves) == period) > 0.9
    assert np.median(spectrum.periodicity_p(curves)) < 0.05


def test_periodicity_p_is_uniform_for_white_noise():
    p = spectrum.periodicity_p(WHITE)
    for share in (0.05, 0.2, 0.5):
        # The null table itself has 1,999 curves.
        error = math.sqrt(share * (1 - share) * (1 / 4000 + 1 / 2000))
        assert abs(np.mean(p <= share) - share) < 4 * error


def test_slow_wandering_is_no_period_but_alternation_is():
    slow = spectrum.periodicity_p(ar1(0.7, 500, 30))
    alternating = ar1(-0.8, 500, 30)
    assert np.mean(slow < 0.05) < 0.1
    assert np.mean(spectrum.periodicity_p(alternating) < 0.05) > 0.5
    assert np.median(spectrum.dominant_period(alternating)) < 2.4


def test_periodogram_counts_all_variance():
    curves = WHITE[:50] - WHITE[:50].mean(axis=1, keepdims=True)
    negative = curves[np.sum(curves[:, 1:] * curves[:, :-1], axis=1) < 0]
    power = spectrum._periodogram(negative).sum(axis=1)
    np.testing.assert_allclose(power / 30, np.sum(negative**2, axis=1))


# --- Symmetries -----------------------------------------------------------------------

finite_curves = arrays(
    np.float64, (3, 12), elements=st.floats(-1, 1).map(lambda x: round(x, 3))
)
KINDS_BY_SYMMETRY = {
    "scales": ("jitter", "drawup", "wander"),
    "stays": (
        "rise_fraction",
        "reversal_fraction",
        "von_neumann",
        "dominant_period",
        "periodicity_p",
        "autocorrelation",
    ),
}


@settings(max_examples=40, deadline=None)
@given(finite_curves, st.sampled_from([0.25, 8.0]), st.sampled_from([-4.0, 0.0, 16.0]))
def test_shift_and_scale(curves, scale, shift):
    for kind in KINDS_BY_SYMMETRY["scales"]:
        measure = getattr(fluctuation, kind)
        np.testing.assert_allclose(
            measure(scale * curves + shift), scale * measure(curves), rtol=1e-7, atol=1e-10
        )
    np.testing.assert_allclose(
        fluctuation.level(scale * curves + shift), scale * fluctuation.level(curves) + shift
    )
    varied = curves[np.ptp(curves, axis=1) > 0.1]
    if len(varied):
        for kind in KINDS_BY_SYMMETRY["stays"][:2]:
            measure = getattr(fluctuation, kind)
            rounded = np.round(scale * varied + shift, 9)
            np.testing.assert_allclose(measure(rounded), measure(varied))


@settings(max_examples=40, deadline=None)
@given(finite_curves)
def test_scale_free_measures(curves):
    for kind in KINDS_BY_SYMMETRY["stays"]:
        measure = getattr(fluctuation, kind, None) or getattr(spectrum, kind)
        np.testing.assert_allclose(measure(4 * curves), measure(curves))


@settings(max_examples=40, deadline=None)
@given(finite_curves, st.permutations(range(3)))
def test_runs_can_be_permuted(curves, order):
    for measure in (
        fluctuation.jitter,
        fluctuation.wander,
        fluctuation.von_neumann,
        spectrum.periodicity_p,
    ):
        np.testing.assert_allclose(measure(curves[order]), measure(curves)[order], rtol=1e-9)


@settings(max_examples=40, deadline=None)
@given(st.floats(-100, 100), st.floats(-100, 100))
def test_straight_lines_do_not_fluctuate(start, slope):
    line = start + slope * np.arange(40.0)[None]
    assert fluctuation.jitter(line) == pytest.approx(0, abs=1e-11)
    assert fluctuation.spike_rate(line) == 0
    assert np.isnan(fluctuation.von_neumann(line))
    assert np.isnan(spectrum.dominant_period(line))


# --- Missing runs, missing times, shapes ------------------------------------------------

ALL = [
    declare.Level("x"), declare.Final("x"), declare.Jitter("x"), declare.RelativeJitter("x"),
    declare.Wander("x"), declare.RunSpread("x"), declare.RiseFraction("x"), declare.Drawup("x"),
    declare.ReversalFraction("x"), declare.VonNeumann("x"), declare.DominantPeriod("x"),
    declare.PeriodicityP("x"), declare.SpikeRate("x"), declare.Autocorrelation("x"),
    declare.Variance("x"), declare.Diverged("x"), declare.Spiked("x"),
    declare.StepsTo("x", below=0.5),
    declare.TrendShare("x"), declare.WanderShare("x"), declare.NoiseShare("x"),
    Measure("evaluation_noise", ("x", "y")), Measure("evaluation_share", ("x", "y")),
    Measure("evaluation_gap", ("x", "y")), Measure("generalisation_gap", ("x", "y")),
    declare.Custom("mine", "x", lambda curves: curves[:, -1]),
]  # fmt: skip


def test_every_declared_kind_is_computed():
    assert {measure.kind for measure in ALL} == set(declare.KINDS)


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("measure", ALL, ids=lambda measure: measure.kind)
def test_a_diverged_run_touches_no_other(measure, bad):
    rng = np.random.default_rng(7)
    curves = {"x": rng.lognormal(size=(6, 20)), "y": rng.lognormal(size=(6, 20))}
    alone = evaluate(measure, {name: curve[1:] for name, curve in curves.items()})
    curves["x"][0, 15:] = bad
    values = evaluate(measure, curves)
    np.testing.assert_allclose(values[1:], alone)
    if measure.kind in ("diverged", "spiked"):
        assert values[0] == 1
    elif measure.kind not in ("steps_to", "custom"):
        assert np.isnan(values[0])


@pytest.mark.parametrize("measure", ALL, ids=lambda measure: measure.kind)
@pytest.mark.parametrize("shape", [(3,), (3, 1), (3, 2), (1, 12), (3, 4, 5)])
def test_short_and_unusual_shapes(measure, shape):
    series = {name: np.full(shape, 0.25, dtype=np.float32) for name in "xy"}
    assert evaluate(measure, series).shape == shape[:1]


def test_sparse_series_are_measured_where_they_were_recorded():
    dense = np.random.default_rng(8).lognormal(size=(4, 10))
    sparse = np.full((4, 40), np.nan)
    sparse[:, 3::4] = dense
    for measure in (declare.Jitter("x"), declare.Final("x"), declare.VonNeumann("x")):
        np.testing.assert_allclose(
            evaluate(measure, {"x": sparse}), evaluate(measure, {"x": dense})
        )
    # Recorded at the start of every stretch, the end stays silent.
    sparse = np.roll(sparse, -3, axis=1)
    np.testing.assert_allclose(recorded(sparse), dense)


def test_divergence_of_all_runs_is_not_sparseness():
    curves = np.ones((4, 20))
    curves[:, 15:] = np.nan
    assert np.isnan(evaluate(declare.Jitter("x"), {"x": curves})).all()
    assert (evaluate(declare.Diverged("x"), {"x": curves}) == 1).all()
    assert np.isnan(evaluate(declare.Level("x"), {"x": np.full((4, 20), np.nan)})).all()


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
        evaluate(declare.Jitter("step_loss"), {"step_loss": steps}),
        evaluate(declare.Jitter("x"), {"x": steps.reshape(3, 20)}),
    )


def test_outcomes():
    loss = np.array([[4.0, 2.0, 9.0], [4.0, 41.0, 1.0], [30.0, 2.0, 5.0], [4.0, np.inf, 1.0]])
    start = np.array([5.0, 4.0, 2.0, 4.0])
    assert evaluate(declare.Diverged(), {"train_loss": loss}).tolist() == [1, 0, 0, 1]
    assert evaluate(declare.Spiked(), {"train_loss": loss}).tolist() == [0, 1, 0, 1]
    series = {"train_loss": loss, "initial_train_loss": start}
    assert evaluate(declare.Diverged(), series).tolist() == [0, 0, 1, 1]
    assert evaluate(declare.Spiked(), series).tolist() == [0, 1, 1, 1]
    steps = evaluate(declare.StepsTo("train_loss", below=2.5), series)
    np.testing.assert_array_equal(steps, [1, 2, 1, 2])
    assert np.isnan(evaluate(declare.StepsTo("train_loss", below=0.5), series)).all()


def ended(curves: np.ndarray) -> tuple[float, ...]:
    """Shares of runs that diverged and that spiked."""
    series = {"train_loss": np.asarray(curves, dtype=np.float32)}
    return tuple(float(evaluate(kind(), series).mean()) for kind in EVENTS)


EVENTS = (declare.Diverged, declare.Spiked)


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
    assert tuple(evaluate(kind(), series)[0] for kind in EVENTS) == expected
    assert all(evaluate(kind(), series)[1] == 0 for kind in EVENTS)


def test_infinite_runs_have_no_gap_and_warn_of_nothing():
    series = {
        "running_train_loss": np.array([[1.0, np.inf, np.inf], [1.0, 1.0, 1.0]]),
        "train_loss": np.array([[1.0, np.inf, np.inf], [1.0, 0.5, 0.5]]),
    }
    series["validation_loss"] = series["train_loss"] + 1
    for measure, gap in ((declare.EvaluationGap(), 0.5), (declare.GeneralisationGap(), 1.0)):
        np.testing.assert_array_equal(evaluate(measure, series), [np.nan, gap])


def test_gaps_use_times_at_which_both_are_recorded():
    reported, at_end = np.full((2, 8), 3.0), np.full((2, 8), np.nan)
    at_end[:, 1::2] = 1.0
    series = {"running_train_loss": reported, "train_loss": at_end}
    np.testing.assert_array_equal(evaluate(declare.EvaluationGap(), series), [2, 2])


def test_mistakes_are_named():
    series = {"train_loss": np.ones((2, 5)), "validation_loss": np.ones((2, 4))}
    with pytest.raises(UserError, match="'train_los'.*Did you mean 'train_loss'"):
        evaluate(declare.Level("train_los"), series)
    with pytest.raises(UserError, match="different shapes"):
        evaluate(declare.GeneralisationGap(), series)
    with pytest.raises(UserError, match="one value per run"):
        evaluate(declare.Custom("mine", "train_loss", lambda curves: curves), series)
    for wrong in (
        lambda: Measure("jiter", "x"),
        lambda: declare.Jitter("x", window=(0.5, 0.5)),
        lambda: Measure("final", "x", window=(0.0, 1.0)),
        lambda: Measure("jitter", ("x", "y")),
        lambda: Measure("jitter", ""),
        lambda: Measure("steps_to", "x"),
        lambda: Measure("jitter", "x", over_runs="median"),  # type: ignore[arg-type]
        lambda: declare.Autocorrelation("x", lag=0),
    ):
        with pytest.raises(UserError):
            wrong()


def test_names_are_unique_and_stable():
    names = ["train_loss", "validation_loss", "train_accuracy", "running_train_loss",
             "sharpness", "step_loss", "initial_train_loss"]  # fmt: skip
    measures = standard_measures(names)
    assert len({measure.name for measure in measures}) == len(measures)
    assert declare.Jitter("train_loss").name == "jitter(train_loss)"
    assert declare.RunSpread("x").name == "run_spread(x)"
    assert declare.Jitter("x", window=(0.25, 1)).name == "jitter(x, window=0.25-1)"
    assert declare.Level("x", over_runs="sd").name == "level(x, over_runs=sd)"
    assert declare.StepsTo("x", below=0.1).name == "steps_to(x, below=0.1)"
    kinds = {measure.kind for measure in measures}
    assert kinds >= {"evaluation_gap", "generalisation_gap", "diverged", "wander"}
    assert not any("initial" in measure.name for measure in measures)
    series = {name: np.ones((3, 8)) for name in names}
    assert all(evaluate(measure, series).shape == (3,) for measure in measures)
