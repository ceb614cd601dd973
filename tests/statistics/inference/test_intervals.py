"""Intervals over runs: against scipy, by coverage, and at their edges."""

import math

import numpy as np
import pytest
from scipy import optimize, stats

from benchmark.statistics.inference.intervals import (
    _acceleration,
    bca_interval,
    compare,
    interval,
    tails,
)
from benchmark.statistics.inference.resampling import (
    JACKKNIFE_GROUPS,
    run_weights,
    summarise_runs,
)

SUMMARIES = {
    "mean": lambda x, axis=-1: np.mean(x, axis=axis),
    "geometric_mean": lambda x, axis=-1: stats.gmean(x, axis=axis),
    "sd": lambda x, axis=-1: np.std(x, axis=axis, ddof=1),
}


def plain_level(runs: int) -> float:
    """The level at which our expanded percentiles are the ordinary ones of 95 %."""
    quantile = stats.norm.isf(0.025) / math.sqrt(runs / (runs - 1))
    return 1 - 2 * float(stats.t.sf(quantile, runs - 1))


@pytest.mark.parametrize("over_runs", SUMMARIES)
@pytest.mark.parametrize("runs", [12, 60])
def test_resampling_agrees_with_scipy_bca(over_runs, runs):
    values = np.random.default_rng(4).lognormal(size=runs)
    ours = bca_interval(summarise_runs(values, over_runs, 20_000), plain_level(runs))
    theirs = stats.bootstrap(
        (values,), SUMMARIES[over_runs], n_resamples=20_000, vectorized=True,
        confidence_level=0.95, method="BCa", rng=np.random.default_rng(5),
    )  # fmt: skip
    assert ours.estimate == pytest.approx(SUMMARIES[over_runs](values))
    width = float(ours.high - ours.low)
    assert ours.low == pytest.approx(theirs.confidence_interval.low, abs=0.04 * width)
    assert ours.high == pytest.approx(theirs.confidence_interval.high, abs=0.04 * width)


@pytest.mark.parametrize("runs", [3, 12, 60])
def test_means_have_the_hull_of_students_and_halls_intervals(runs):
    values = np.random.default_rng(4).lognormal(size=runs)
    ours = interval(values)
    error, t = values.std(ddof=1) / math.sqrt(runs), stats.t.isf(0.025, runs - 1)
    plain = values.mean() - t * error, values.mean() + t * error
    skewness = float(stats.skew(values, bias=False))

    def transformed(mean):
        """Hall's cubic of T, times √n."""
        away = (values.mean() - mean) / values.std(ddof=1)
        cubic = away + skewness * away**2 / 3 + skewness**2 * away**3 / 27
        return math.sqrt(runs) * (cubic + skewness / (6 * runs))

    hall = [optimize.brentq(lambda m, x=x: transformed(m) - x, -99, 999) for x in (t, -t)]
    assert ours.low == pytest.approx(min(plain[0], hall[0]))
    assert ours.high == pytest.approx(max(plain[1], hall[1]))
    logs = interval(np.exp(values), "geometric_mean")
    np.testing.assert_allclose(np.log([*logs]), [*ours], rtol=1e-9)


def test_large_samples_give_the_t_interval():
    values = np.random.default_rng(6).normal(3, 2, size=2000)  # beyond one jackknife per run
    ours = interval(values)
    error = values.std(ddof=1) / math.sqrt(2000)
    assert ours.low == pytest.approx(values.mean() - 1.961 * error, abs=0.15 * error)
    assert ours.high == pytest.approx(values.mean() + 1.961 * error, abs=0.15 * error)


@pytest.mark.parametrize(
    ("runs", "over_runs", "sample", "truth", "shortfall"),
    [
        (8, "mean", lambda rng, shape: rng.standard_normal(shape), 0.0, 0.01),
        (32, "mean", lambda rng, shape: rng.standard_normal(shape), 0.0, 0.0),
        (64, "mean", lambda rng, shape: rng.exponential(size=shape), 1.0, 0.01),
        (64, "geometric_mean", lambda rng, shape: rng.lognormal(size=shape), 1.0, 0.0),
        (64, "sd", lambda rng, shape: rng.standard_normal(shape), 1.0, 0.015),
    ],
)
def test_coverage(runs, over_runs, sample, truth, shortfall):
    trials = 1500
    values = sample(np.random.default_rng(7), (trials, runs))
    found = interval(values, over_runs)
    coverage = np.mean((found.low <= truth) & (truth <= found.high))
    error = math.sqrt(0.95 * 0.05 / trials)
    assert 0.95 - shortfall - 4 * error < coverage < 0.95 + 4 * error


def test_p_values_invert_the_interval():
    values = np.random.default_rng(8).lognormal(size=40)
    for over_runs in ("mean", "sd"):
        draws = summarise_runs(values, over_runs)
        for level in (0.5, 0.9, 0.99):
            found = bca_interval(draws, level)
            # Near the tail only some ten resamples lie beyond the border.
            share = pytest.approx((1 - level) / 2, rel=0.05)
            assert tails(draws, float(found.low))[0] == share
            assert tails(draws, float(found.high))[1] == share


def test_p_values_beyond_the_resamples_keep_falling():
    values = np.random.default_rng(9).normal(10, 1, size=32)
    draws = summarise_runs(values)
    borders = np.linspace(9.9, 5, 60)
    p = np.array([tails(draws, border)[0] for border in borders])
    assert np.all(np.diff(p) <= 0)
    t = (values.mean() - 5) / (values.std(ddof=1) / math.sqrt(32))
    assert p[-1] == pytest.approx(stats.t.sf(t, 31), rel=5)
    below, above = tails(draws, 10.1)
    assert below + above == pytest.approx(1)


def test_comparisons_are_paired_by_seed():
    luck = np.random.default_rng(10).normal(size=30)
    both = np.stack([5 + luck, 4 + luck])
    draws = summarise_runs(both)
    difference = bca_interval(draws.map(lambda y: y[0] - y[1]))
    np.testing.assert_allclose([*difference], 1)
    np.testing.assert_allclose([*compare(both[0], both[1], "difference")], 1)
    ratio = compare(both, both[::-1])
    np.testing.assert_allclose(ratio.estimate[0], both[0].mean() / both[1].mean())
    np.testing.assert_allclose(ratio.estimate[0] * ratio.estimate[1], 1)
    assert ratio.low[0] > 1 > ratio.high[1]
    apart = bca_interval(draws)
    assert np.all(apart.high - apart.low > 0.5)


def test_agreeing_runs_give_a_point():
    for found, point in (
        (interval(np.full(7, 0.1), "mean"), 0.1),
        (interval(np.full(7, 0.1), "sd"), 0.0),
    ):
        assert found.low == found.high == found.estimate == point
    geometric = interval(np.full(7, 0.1), "geometric_mean")
    assert geometric.low == geometric.high == geometric.estimate == pytest.approx(0.1)


@pytest.mark.parametrize("over_runs", SUMMARIES)
def test_missing_runs_are_left_out(over_runs):
    values = np.random.default_rng(11).lognormal(size=20)
    holey = np.concatenate([[np.nan, np.inf], values, [-np.inf]])
    found, full = interval(holey, over_runs), interval(values, over_runs)
    assert found.estimate == pytest.approx(float(full.estimate))
    assert found.high - found.low == pytest.approx(float(full.high - full.low), rel=0.25)
    # A complete neighbour in the same call is not touched.
    complete = np.random.default_rng(12).lognormal(size=23)
    together = interval(np.stack([holey, complete]), over_runs)
    np.testing.assert_allclose(together.low[1], interval(complete, over_runs).low)


def test_too_few_runs_have_no_interval():
    for values in ([1.0], [1.0, np.nan, np.nan]):
        found = interval(np.array(values))
        assert found.estimate == 1 and np.isnan(found.low) and np.isnan(found.high)
    assert all(map(np.isnan, interval(np.full(4, np.nan))))
    assert np.isnan(interval(np.array([1.0, -1.0, 2.0]), "geometric_mean").estimate)
    few = interval(np.array([1.0, 2.0, 3.0]))
    error = np.std([1, 2, 3], ddof=1) / math.sqrt(3)
    assert few.high - few.low == pytest.approx(2 * 4.303 * error, rel=0.05)


def test_batches_do_not_matter_and_nothing_is_random():
    values = np.random.default_rng(13).normal(size=(2, 3, 15))
    together, again = interval(values), interval(values)
    assert together.low.shape == (2, 3)
    np.testing.assert_array_equal([*together], [*again])
    np.testing.assert_allclose(together.low[1, 2], interval(values[1, 2]).low)


def test_weights():
    weights = run_weights(10)
    assert weights.shape == (1 + 10 + 2000, 10)
    assert (weights[0] == 1).all()
    np.testing.assert_array_equal(weights[1:11], 1 - np.eye(10))
    assert (weights[11:].sum(axis=1) == 10).all()
    many = run_weights(1000, resamples=5)
    left_out = (many[1:-5] == 0).sum(axis=0)
    assert (left_out == 1).all()  # each run belongs to exactly one jackknife group


def test_acceleration_of_the_mean_is_its_skewness():
    values = np.random.default_rng(14).exponential(size=50)
    draws = summarise_runs(values)
    expected = stats.skew(values) / (6 * math.sqrt(50))
    assert _acceleration(draws.jackknife) == pytest.approx(expected)
    # Groups of runs estimate the same, less precisely.
    many = np.random.default_rng(15).exponential(size=20 * JACKKNIFE_GROUPS)
    grouped = float(_acceleration(summarise_runs(many).jackknife))
    assert grouped == pytest.approx(2 / (6 * math.sqrt(len(many))), rel=0.5)
