"""Variance components: those of a known design are found, and agree with other software."""

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from hypothesis import given
from hypothesis import strategies as st
from statsmodels.formula.api import mixedlm, ols

from benchmark.checks.components import DESIGNS, coverage
from benchmark.statistics.attribution.components import (
    components,
    mean_squares,
    ratio_interval,
    shares,
    terms,
)
from benchmark.statistics.inference.statistic import RatioOfMeans


@pytest.mark.parametrize("levels", [(2, 2), (3, 4), (2, 3, 2)])
def test_mean_squares_are_those_of_the_analysis_of_variance(levels):
    values = np.random.default_rng(0).normal(size=(2, *levels))
    found = mean_squares(values)
    names = "abc"[: len(levels)]
    for place, replicate in enumerate(values):
        frame = pd.DataFrame(
            [dict(zip(names, map(str, at), strict=True)) for at in np.ndindex(*levels)]
        ).assign(y=replicate.ravel())
        # Without the last interaction, whose place the residual takes.
        wanted = [term for term in terms(len(levels)) if len(term) < len(levels)]
        formula = " + ".join(":".join(names[i] for i in term) for term in wanted)
        table = sm.stats.anova_lm(ols(f"y ~ {formula}", frame).fit())
        squares = (table["sum_sq"] / table["df"]).to_numpy()
        np.testing.assert_allclose(found[:, place], squares, rtol=1e-9)


def test_two_crossed_factors_agree_with_restricted_maximum_likelihood():
    """For balanced data and positive estimates, REML and mean squares are the same."""
    rng = np.random.default_rng(3)
    rows, columns = 6, 5
    values = (
        rng.normal(size=(1, rows, 1))
        + 0.7 * rng.normal(size=(1, 1, columns))
        + 0.5 * rng.normal(size=(1, rows, columns))
    )
    own, other, both = components(values)[:, 0]
    assert min(own, other, both) > 0
    at = list(np.ndindex(rows, columns))
    frame = pd.DataFrame({"a": [i for i, _ in at], "b": [j for _, j in at]}).assign(
        y=values.ravel(), whole=1
    )
    parts = {"a": "0 + C(a)", "b": "0 + C(b)"}
    fit = mixedlm("y ~ 1", frame, groups="whole", vc_formula=parts).fit()
    assert fit.vcomp == pytest.approx([own, other], rel=1e-3)
    assert fit.scale == pytest.approx(both, rel=1e-3)


def test_components_are_unbiased_whatever_the_levels():
    truth = {(0,): 1.0, (1,): 0.3, (0, 2): 0.6, (0, 1, 2): 0.5}
    rng = np.random.default_rng(4)
    shape, replicates = (2, 3, 4), 20_000
    values = np.zeros((replicates, *shape))
    for term, variance in truth.items():
        size = [n if i in term else 1 for i, n in enumerate(shape)]
        values += variance**0.5 * rng.standard_normal((replicates, *size))
    found = components(values)
    error = found.std(axis=1) / replicates**0.5
    expected = [truth.get(term, 0.0) for term in terms(3)]
    assert (abs(found.mean(axis=1) - expected) < 4 * error).all()


@given(st.integers(0, 2**32 - 1), st.floats(0.1, 10), st.floats(-100, 100))
def test_shares_do_not_depend_on_unit_or_origin(seed, scale, shift):
    values = np.random.default_rng(seed).normal(size=(3, 2, 2, 2))
    kinds = shares(3)
    first, other = components(values), components(scale * values + shift)
    for weights in kinds.values():
        np.testing.assert_allclose(
            weights @ other / other.sum(0), weights @ first / first.sum(0), rtol=1e-6, atol=1e-9
        )
    # Components add up to what changing everything does, totals to what one change does.
    corners = (values[:, 0, 0, 0] - values[:, 1, 1, 1]) ** 2
    assert (first.sum(0) >= corners / 8 - 1e-12).all()
    jansen = ((values[:, 0] - values[:, 1]) ** 2 / 2).mean(axis=(1, 2))
    np.testing.assert_allclose((kinds["total"] @ first)[0], jansen, atol=1e-12)
    np.testing.assert_allclose((kinds["shapley"] @ first).sum(0), first.sum(0), atol=1e-12)


def test_interval_and_p_are_one_statement():
    rng = np.random.default_rng(5)
    above, below = rng.exponential(size=20), 3 + rng.exponential(size=20)
    ends = ratio_interval(above, below)
    judged = RatioOfMeans(above, below, 20)
    for end in judged.interval():
        assert 2 * min(judged.tails(end)) == pytest.approx(0.05)
    assert judged.estimate == pytest.approx(float(ends.estimate))
    # Student's interval lies in the hull of it and Hall's.
    assert judged.interval()[0] <= ends.low + 1e-9 and ends.high <= judged.interval()[1] + 1e-9
    wide = ratio_interval(above, rng.normal(size=20))
    assert (wide.low, wide.high) == (-np.inf, np.inf)
    nothing = ratio_interval(np.zeros(5), np.zeros(5))
    assert all(map(np.isnan, nothing))


@pytest.mark.parametrize("name", DESIGNS)
def test_intervals_hold_the_truth_at_their_rate(name):
    """800 designs: three standard errors of a rate of 95 % are 2.3 %."""
    for kind, covered in coverage(DESIGNS[name], 800).items():
        assert 0.92 <= covered <= 0.98, kind
