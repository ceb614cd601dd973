"""Variance components: those of a known design are found, and agree with other software."""

import itertools
from collections.abc import Sequence

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from hypothesis import given
from hypothesis import strategies as st
from statsmodels.formula.api import mixedlm, ols

from benchmark import (
    MLP,
    Claim,
    Condition,
    Crossed,
    Digits,
    Final,
    Product,
    Share,
    Sources,
    UserError,
)
from benchmark.checks.components import DESIGNS, coverage, draw
from benchmark.claims import Claim as AnyClaim
from benchmark.declare.designs import ARM, SOURCE, is_label
from benchmark.declare.paths import with_settings
from benchmark.declare.sources import SECOND, SOURCES
from benchmark.execution.run import run as execute
from benchmark.statistics.attribution.components import (
    components,
    mean_squares,
    ratio_interval,
    shares,
    terms,
)
from benchmark.statistics.attribution.crossed import shared_out
from benchmark.statistics.claims.verdicts import judge
from benchmark.statistics.inference.statistic import RatioOfMeans
from benchmark.statistics.selection import ConditionResult

LAST = Final("x")
BASE = Condition(Digits(n_train=64, n_validation=32), MLP((8,)))


# --- components ---------------------------------------------------------------------------


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


# --- declaration --------------------------------------------------------------------------


def test_a_source_takes_the_runs_second_seed():
    sources = Sources(data=7, second=("order", "initialisation"))
    seeds = dict(zip(SOURCES, sources.seeds(3), strict=True))
    assert seeds.pop("initialisation") == seeds.pop("order") == 3 + SECOND
    assert seeds.pop("data") == 7 and set(seeds.values()) == {3}
    assert max(Sources(second=("data",)).seeds(SECOND - 1)) < 2**31


def test_second_seeds_share_a_program_and_names_have_no_order():
    one, other = (
        with_settings(BASE, {"sources.second": names})
        for names in (("order", "data"), ("data", "order"))
    )
    assert one.id == other.id != BASE.id and one.group == BASE.group
    assert with_settings(BASE, {"sources.second": ()}).id == BASE.id


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"second": ("ordre",)}, "Did you mean 'order'"),
        ({"second": ("order",), "order": 1}, "'order', but that source is pinned"),
        ({"second": ("one_bit",)}, "'one_bit', but one_bit is off"),
    ],
)
def test_second_seeds_that_mean_nothing(fields, said):
    with pytest.raises(UserError, match=said):
        Sources(**fields)


def test_crossed_conditions():
    cases = list(Crossed("data", "one_bit", "order"))
    assert len(cases) == 8 and all(case["sources.one_bit"] for case in cases)
    assert cases[0]["sources.second"] == () and cases[-1]["sources.second"] == (
        "data",
        "one_bit",
        "order",
    )
    assert all(is_label(path) for path in cases[0] if path.startswith(SOURCE))
    for sources, said in (
        (("data", "ordre"), "Did you mean 'order'"),
        (("data", "data"), "names the source 'data' twice"),
        (("data",), "two sources or more"),
    ):
        with pytest.raises(UserError, match=said):
            Crossed(*sources)


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({}, "needs low, high or both"),
        ({"kind": "all", "low": 0.5}, "Share kind is 'all'"),
        ({"source": "data", "kind": "interactions", "low": 0.5}, "of no single source"),
        ({"low": 1.5}, "must be between 0 and 1"),
        ({"source": "", "low": 0.5}, "name of a source"),
    ],
)
def test_shares_that_mean_nothing(fields, said):
    with pytest.raises(UserError, match=said):
        Share(**fields)


# --- results ------------------------------------------------------------------------------

NAMES = ("initialisation", "data", "order")


def results(values: np.ndarray, arm: str = "", names: Sequence[str] = NAMES):
    """Conditions whose runs end at `values` [replicate, *level]."""
    label = {ARM: arm} if arm else {}
    return [
        ConditionResult(
            str(cell),
            None,
            {f"{SOURCE}{name}": on for name, on in zip(names, cell, strict=True)} | label,
            {"x": values[(slice(None), *map(int, cell))]},
        )
        for cell in itertools.product((False, True), repeat=len(names))
    ]


def additive(replicates: int = 64) -> np.ndarray:
    rng = np.random.default_rng(6)
    return draw(rng, {(0,): 0.9, (1,): 0.1}, replicates, 3)


def test_shares_of_sources():
    (found,) = shared_out(results(additive()), [LAST])
    assert (found.replicates, found.conditions, found.arm) == (64, 8, "")
    assert [source.source for source in found.sources] == list(NAMES)
    first, _, last = found.sources
    assert first.main == first.total == first.shapley
    assert first.main.estimate is not None and 0.8 < first.main.estimate < 0.97
    assert (last.total.estimate, last.total.low, last.total.high) == pytest.approx((0, 0, 0))
    assert found.interactions.estimate == pytest.approx(0)
    assert found.sd.low is not None and found.sd.high is not None
    assert found.sd.low < 1 < found.sd.high
    assert sum(source.shapley.estimate or 0 for source in found.sources) == pytest.approx(1)


def test_what_is_missing():
    values = additive()
    whole = results(values)
    assert shared_out(whole[1:], [LAST]) == []
    assert shared_out([*whole, whole[0]], [LAST]) == []
    assert shared_out(whole, [Final("y")]) == []
    assert shared_out(results(values[:1]), [LAST]) == []
    # A seed without a value under one condition is left out under all.
    values[5, 0, 1, 0] = np.nan
    assert shared_out(results(values), [LAST])[0].replicates == 63
    values[:40, 0, 1, 0] = np.nan
    assert shared_out(results(values), [LAST]) == []
    (still,) = shared_out(results(np.ones((4, 2, 2, 2))), [LAST])
    assert still.sources[0].main.estimate is None and still.sd.estimate == 0


def claim(expect: Share, **where) -> AnyClaim:
    return Claim("share", "It has a share.", LAST, expect, where)


def test_verdicts_on_shares():
    chaos = draw(np.random.default_rng(7), {(0, 1, 2): 1.0}, 64, 3)
    both = [*results(additive(), "calm"), *results(chaos, "chaotic")]

    def verdict(expect: Share, arm: str = "calm") -> str:
        return judge([claim(expect, arm=arm)], both)[0].verdict

    assert verdict(Share("initialisation", "main", low=0.5)) == "supported"
    assert verdict(Share("initialisation", "main", high=0.5)) == "refuted"
    assert verdict(Share("initialisation", low=0.6, high=0.99)) == "supported"
    assert verdict(Share(kind="interactions", high=0.1)) == "supported"
    assert verdict(Share(low=0.5)) == "refuted"
    assert verdict(Share(low=0.7), "chaotic") == "supported"
    assert verdict(Share(kind="main", high=0.3), "chaotic") == "supported"
    assert verdict(Share("data", "shapley", low=0.2, high=0.5), "chaotic") == "supported"
    (unknown,) = judge([claim(Share(low=0.5))], both)
    assert unknown.verdict == "undecided" and "one design" in unknown.note
    (absent,) = judge([claim(Share(low=0.5), arm="calm")], both[1:])
    assert "not complete" in absent.note
    with pytest.raises(UserError, match="'dropout', but must be one of 'initialisation'"):
        judge([claim(Share("dropout", low=0.5), arm="calm")], both)


# --- from declaration to shares -----------------------------------------------------------


def test_a_crossed_scenario_is_run_and_shared_out(tmp_path):
    from benchmark.answers.answer import answer
    from benchmark.declare.scenario import Scenario
    from benchmark.execution.run import Options
    from benchmark.figures import draw as draw_all
    from benchmark.store.results import Results

    base = with_settings(BASE, {"training.epochs": 2, "training.batch_size": 16})
    declared = Scenario(
        "Which source?",
        "One.",
        base,
        Product({"sources.data": (0,)}, Crossed("initialisation", "order")),
        claims=(
            Claim("start", "The start spreads runs.", Final("train_loss"), Share(low=0.01)),
        ),
        seeds=4,
        block=4,
        name="crossed",
    )
    resolved = declared.resolve()
    execute(resolved, tmp_path, Options("inline"))
    stored = Results.at(resolved, tmp_path)
    said = answer(stored)
    (found,) = said.components
    assert found.replicates == 4 and found.conditions == 4
    assert {source.source for source in found.sources} == {"initialisation", "order"}
    assert found.sd.estimate is not None and found.sd.estimate > 0
    assert said.as_json()["components"][0]["measure"] == "final(train_loss)"
    drawn = draw_all(said)
    assert "components.png" in {path.name for path in drawn}
