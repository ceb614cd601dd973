"""Verdicts: known truths are found, borders are respected, gaps are explained."""

import itertools
import math
from dataclasses import replace

import numpy as np
import pytest
from statsmodels.stats.multitest import multipletests

from benchmark import SGD, Condition, Point, Quadratic, Sources, Training
from benchmark.claims import (
    Claim,
    Decreases,
    Difference,
    Equals,
    Increases,
    NoEffect,
    Peaks,
    PowerLaw,
    Ratio,
    Within,
)
from benchmark.declare.errors import UserError
from benchmark.statistics.claims.evidence import seeds_needed
from benchmark.statistics.claims.verdicts import judge
from benchmark.statistics.inference.multiplicity import holm
from benchmark.statistics.inference.statistic import RatioOfMeans
from benchmark.statistics.measures import (
    Final,
    RiseFraction,
    RunSpread,
)
from benchmark.statistics.selection import ConditionResult, strata

RUNS = 40

LUCK = np.random.default_rng(1).standard_normal((RUNS, 1))


def result(values, name="", **settings):
    """A condition whose runs end at `values`, [run] or one number for all.

    As a loss, which is positive, and as a number of which nothing is known.
    """
    end = np.broadcast_to(np.asarray(values, dtype=float), (RUNS,))
    dotted = {path.replace("__", "."): value for path, value in settings.items()}
    return ConditionResult(name or str(dotted), dotted, dotted, {"loss": end, "x": end})


def noisy(mean, seed, sd=0.1):
    """Runs about a positive mean, with luck shared by the seeds of all conditions."""
    own = np.random.default_rng((2, seed)).standard_normal(RUNS)
    return mean * np.exp(sd * (LUCK[:, 0] + 0.3 * own))


def sweep(law, doses=(1, 2, 4, 8), seed=0, **settings):
    return [
        result(noisy(law(dose), seed + i), dose=dose, **settings)
        for i, dose in enumerate(doses)
    ]


def claim(expect, measure=None, name="a-claim", where=None):
    return Claim(name, "Folk says so.", measure or Final("loss"), expect, where or {})


def verdict(expect, results, **options):
    return judge([claim(expect, **options)], results)[0]


FALLING = sweep(lambda dose: 3 / dose)

BUMP = sweep(lambda dose: math.exp(-(math.log(dose / 4) ** 2)))


@pytest.mark.parametrize(
    ("expect", "results", "expected"),
    [
        (PowerLaw("dose", -1, 0.1), FALLING, "supported"),
        (PowerLaw("dose", -0.5, 0.1), FALLING, "refuted"),
        (Decreases("dose"), FALLING, "supported"),
        (Decreases("dose", by=0.9), FALLING, "supported"),
        (Decreases("dose", by=1.1), FALLING, "refuted"),
        (Increases("dose"), FALLING, "refuted"),
        (Increases("dose"), sweep(lambda dose: dose), "supported"),
        (Ratio({"dose": 1}, {"dose": 8}, 7, 9), FALLING, "supported"),
        (Ratio({"dose": 1}, {"dose": 8}, high=7), FALLING, "refuted"),
        (Ratio({"dose": (1, 2)}, {"dose": (4, 8)}, 3.5, 4.5), FALLING, "supported"),
        (Difference({"dose": 1}, {"dose": 2}, low=1), FALLING, "supported"),
        (Difference({"dose": 1}, {"dose": 2}, high=1), FALLING, "refuted"),
        (Equals(lambda c: 3 / c["dose"], within=0.1), FALLING, "supported"),
        (Equals(lambda c: 3 / c["dose"] ** 0.9, within=0.1), FALLING, "refuted"),
        (Equals(lambda c: -3 / c["dose"], within=0.1), FALLING, "refuted"),
        (Within(low=0.2), FALLING, "supported"),
        (Within(0.6, 9), FALLING, "refuted"),
        (NoEffect("dose", 0.1), sweep(lambda dose: 2.0), "supported"),
        (NoEffect("dose", 0.1), FALLING, "refuted"),
        (Peaks("dose", 4, 1.5), BUMP, "supported"),
        (Peaks("dose", 2, 1.5), BUMP, "refuted"),
        (Peaks("dose", 8, 2.5), BUMP, "supported"),
        (Peaks("dose", lambda rest: 2 * rest["width"], 1.5),
         sweep(lambda dose: math.exp(-math.log(dose / 4) ** 2), width=2), "supported"),
    ],
)  # fmt: skip
def test_finds_the_truth(expect, results, expected):
    found = verdict(expect, results)
    assert found.verdict == expected, found
    assert None not in (found.number.estimate, found.p)
    ordered = (
        [found.number.low, found.number.estimate, found.number.high],
        [0.0, found.p, found.adjusted_p, 0.05],
    )
    assert all(numbers == sorted(numbers) for numbers in ordered)  # type: ignore[type-var]
    assert found.seeds_to_decide is None


def test_the_end_of_the_grid_is_no_peak():
    rising = sweep(lambda dose: dose)
    # It may go on rising: no dose of the region has one on either side …
    assert "on either side" in verdict(Peaks("dose", 8, 1.5), rising).note
    # … or one has, but the highest is the last.
    found = verdict(Peaks("dose", 8, 2.5), rising)
    assert found.verdict == "undecided" and "end of the grid" in found.note
    assert verdict(Peaks("dose", 2, 1.5), rising).verdict == "refuted"


def test_a_slope_agrees_with_least_squares():
    found = verdict(PowerLaw("dose", -1, 0.1), FALLING)
    heights = [np.log(each.series["loss"]).mean() for each in FALLING]
    expected = np.polyfit(np.log([1, 2, 4, 8]), heights, 1)[0]
    assert found.number.estimate == pytest.approx(expected)


def test_the_scale_of_a_slope_is_declared_and_not_seen_in_the_data():
    shares = [result(noisy(1 + share, i), share=share) for i, share in enumerate((0, 0.2, 0.4))]
    found = verdict(Increases("share"), shares)
    assert found.verdict == "supported" and "log(measure) on share" in found.expected
    negative = [
        result(noisy(1, i) - 2 + dose, dose=dose) for i, dose in enumerate((1.0, 1.5, 2.0))
    ]
    found = verdict(Increases("dose"), negative, measure=Final("x"))
    assert found.verdict == "supported" and "the measure on log(dose)" in found.expected
    positive = verdict(Increases("dose"), FALLING, measure=Final("x"))
    assert positive.verdict == "refuted" and "the measure on log(dose)" in positive.expected
    assert (
        verdict(PowerLaw("dose", 1, 0.1), negative, measure=Final("x")).verdict == "undecided"
    )
    assert "negative in some runs" in verdict(Increases("dose"), negative).note
    assert "positive" in verdict(PowerLaw("share", 1, 0.1), shares).note


def test_a_trend_says_where_it_turns():
    found = verdict(Increases("dose"), BUMP)
    assert found.verdict == "supported" and "falls from 4 to 8" in found.note


def test_other_settings_make_strata_with_a_common_slope():
    # Pooled without strata, the slope would have the other sign.
    tall = sweep(lambda dose: 100 * dose**-0.5, doses=(8, 16), model="big")
    small = sweep(lambda dose: dose**-0.5, doses=(1, 2), model="small")
    found = verdict(PowerLaw("dose", -0.5, 0.1), tall + small)
    assert found.verdict == "supported"
    ratio = verdict(Ratio({"model": "big"}, {"model": "small"}, low=1), tall + small)
    assert ratio.verdict == "undecided" and "differ only" in ratio.note


def test_ratios_are_pooled_over_strata():
    results = [
        result(noisy(height * rate, 3 * i + j), rate=rate, width=width)
        for i, (width, height) in enumerate({16: 1, 32: 10, 64: 50}.items())
        for j, rate in enumerate((1, 2, 3))
    ]
    found = verdict(Ratio({"rate": 2}, {"rate": 1}, 1.8, 2.2), results)
    assert found.verdict == "supported" and "pooled over 3 strata" in found.note
    logs = [np.log(each.series["loss"]).mean() for each in results]
    ratios = [np.exp(logs[i + 1] - logs[i]) for i in (0, 3, 6)]
    assert found.number.estimate == pytest.approx(np.exp(np.mean(np.log(ratios))))
    plain = verdict(Ratio({"rate": 2}, {"rate": 1}, 1.8, 2.2), results, measure=Final("x"))
    means = [each.series["x"].mean() for each in results]
    assert plain.number.estimate == pytest.approx(
        np.mean([means[i + 1] / means[i] for i in (0, 3, 6)])
    )
    only = verdict(Ratio({"rate": 2}, {"rate": 1}, 1.8, 2.2), results, where={"width": 16})
    assert only.number.estimate == pytest.approx(ratios[0])


def test_what_follows_the_axis_makes_no_stratum():
    conditions = [
        result(1, rule=rule, batch=batch, rate=batch / 10 if rule == "scaled" else 0.1,
               noise=1 / batch)
        for rule in ("fixed", "scaled")
        for batch in (1, 2, 4, 8)
    ]  # fmt: skip
    assert strata(conditions, ["batch"]) == [[0, 1, 2, 3], [4, 5, 6, 7]]
    own_ranges = [
        result(1, optimizer=name, rate=rate, beta=beta)
        for name, beta, rates in (("SGD", None, (0.1, 1.0)), ("Adam", 0.9, (0.001, 0.01)))
        for rate in rates
    ]
    assert strata(own_ranges, ["rate"]) == [[0, 1], [2, 3]]
    widths = [result(1, parameters=p, widths=w) for p, w in ((10, "4"), (99, "8-8"))]
    assert strata(widths, ["parameters"]) == [[0, 1]]


def test_every_condition_counts():
    results = sweep(lambda dose: 1.0 if dose < 8 else 2.0)
    found = verdict(Within(0.8, 1.2), results)
    assert found.verdict == "refuted"
    assert found.note == "worst of 4: dose = 8" and found.number.estimate == pytest.approx(
        2, abs=0.2
    )
    assert verdict(Within(0.8, 1.2), results, where={"dose": (1, 2, 4)}).verdict == "supported"


def test_undecided_says_how_many_seeds_would_decide():
    rng = np.random.default_rng(3)
    values = rng.standard_normal(RUNS)
    values = (values - values.mean()) / values.std(ddof=1)  # mean 0, standard error 1/√40
    x = {"measure": Final("x")}
    found = verdict(Within(low=-1.2 / math.sqrt(RUNS)), [result(values)], **x)
    assert found.verdict == "undecided"
    assert found.seeds_to_decide == pytest.approx(RUNS * (1.96 / 1.2) ** 2, rel=0.15)
    many = ConditionResult("more", {}, {}, {"x": np.tile(values, 4)})
    assert verdict(Within(low=-1.2 / math.sqrt(RUNS)), [many], **x).verdict == "supported"
    assert seeds_needed(1.0, RUNS, 0.05) is None
    mean = Within(low=float(np.mean(values)))
    assert verdict(mean, [result(values)], **x).seeds_to_decide is None


def test_claims_share_a_correction():
    rng = np.random.default_rng(4)
    for _ in range(20):
        p = rng.random(6) ** 3
        np.testing.assert_allclose(holm(p), np.asarray(multipletests(p, method="holm")[1]))
    assert holm(np.array([])).shape == (0,)
    values = LUCK[:, 0] - LUCK.mean()
    barely = Within(low=-2.6 * values.std() / math.sqrt(RUNS))
    x = Final("x")
    alone = judge([claim(barely, x, name="alone")], [result(values)])
    crowd = judge([claim(barely, x, name=f"claim-{i}") for i in range(10)], [result(values)])
    assert alone[0].verdict == "supported"
    assert crowd[0].verdict == "undecided" and "on its own" in crowd[0].note
    assert crowd[0].p == alone[0].p
    assert crowd[0].seeds_to_decide is not None and crowd[0].seeds_to_decide > RUNS


def false_verdicts(expects, make, trials):
    """Share of simulated scenarios in which any claim on a true border is decided."""
    rng = np.random.default_rng(5)
    claims = [claim(expect, name=f"claim-{i}") for i, expect in enumerate(expects)]
    wrong = [
        any(found.verdict != "undecided" for found in judge(claims, make(rng)))
        for _ in range(trials)
    ]
    return np.mean(wrong)


def two_arms(rng):
    luck = rng.standard_normal(RUNS)
    return [
        result(2 * np.exp(0.5 * luck), arm=0),
        result(np.exp(0.4 * luck + 0.3 * rng.standard_normal(RUNS)), arm=1),
    ]


@pytest.mark.usefixtures("unchecked")
@pytest.mark.parametrize(
    "expects",
    [
        [Ratio({"arm": 0}, {"arm": 1}, high=2.0)],
        [Ratio({"arm": 0}, {"arm": 1}, low=2.0, high=2.0)],
        [
            Ratio({"arm": 0}, {"arm": 1}, low=2.0),
            Difference({"arm": 0}, {"arm": 1}, high=1.0),
            Within(low=1.0),
        ],
    ],
    ids=["border", "point", "family"],
)
def test_a_truth_on_the_border_is_rarely_decided(expects):
    # The geometric means are 2 and 1.
    trials = 500
    share = false_verdicts(expects, two_arms, trials)
    assert share < 0.05 + 4 * math.sqrt(0.05 * 0.95 / trials)


def test_runs_that_agree_say_only_what_an_unseen_run_allows():
    flat = [result(0.0, dose=1), result(0.0, dose=2)]
    for expect in (Within(high=0.0), Within(high=0.1), Increases("dose")):
        found = verdict(expect, flat, measure=Final("x"))
        assert found.verdict == "undecided" and "agree exactly" in found.note
    share = Final("accuracy")
    flat = [replace(each, series={"accuracy": each.series["x"]}) for each in flat]
    # 0 of 40 runs: the share may yet be 1 − 0.025^(1/40) = 8.8 %.
    found = verdict(Within(high=0.2), flat, measure=share)
    assert found.verdict == "supported" and found.p == pytest.approx(2 * 2 * 0.8**RUNS, rel=0.6)
    assert found.number.high == pytest.approx(1 - 0.025 ** (1 / RUNS))
    assert verdict(Within(high=0.08), flat, measure=share).verdict == "undecided"


@pytest.mark.usefixtures("unchecked")
def test_a_rare_event_that_no_run_shows_supports_nothing():
    """A run in twenty has the event: a share of at most 1 % is false, and 19 % of designs see
    none of it in 32 runs."""
    rng = np.random.default_rng(7)
    wrong = [
        verdict(
            Within(high=0.01),
            [ConditionResult("", {}, {}, {"accuracy": (rng.random(32) < 0.05).astype(float)})],
            measure=Final("accuracy"),
        ).verdict
        == "supported"
        for _ in range(200)
    ]
    assert not any(wrong)


def test_a_deterministic_condition_is_decided_by_one_run():
    base = Condition(Quadratic(n_train=32), Point(), SGD(0.1), Training(epochs=1))
    pinned = replace(base, sources=Sources(0, 0, 0, 0, 0, 0, 0))
    assert pinned.deterministic and not base.deterministic
    assert not replace(pinned, sources=Sources(0, 0, 0)).deterministic

    def one(condition, *ends):
        return [ConditionResult("", condition, {}, {"loss": np.array(ends)})]

    found = verdict(Within(high=1.0), one(pinned, 0.5))
    assert found.verdict == "supported" and "deterministic" in found.note
    assert verdict(Within(high=1.0), one(pinned, 2.0, 2.0)).verdict == "refuted"
    assert verdict(Within(high=1.0), one(base, 0.5)).verdict == "undecided"
    assert "yet runs differ" in verdict(Within(high=1.0), one(pinned, 0.5, 0.6)).note


def strata_of(*effects, seed=0):
    return [
        result(noisy(1 + (effect - 1) * on, 10 * seed + 2 * i + on), on=on, system=f"s{i}")
        for i, effect in enumerate(effects)
        for on in (0, 1)
    ]


@pytest.mark.parametrize(
    ("effects", "expected"),
    [
        ((4.0, 0.35), "depends"),
        ((4.0, 0.35, 1.0), "depends"),
        ((4.0, 3.0), "supported"),
        ((0.35, 0.5), "refuted"),
        ((0.5, 1.5), "refuted"),
        # Contrary directions, but perhaps the claim is met in neither.
        ((1.99, 0.35), "undecided"),
    ],
)
def test_contrary_strata_are_not_pooled(effects, expected):
    found = verdict(Ratio({"on": 1}, {"on": 0}, low=2), strata_of(*effects))
    assert found.verdict == expected, found
    if expected == "depends":
        assert "met at system = s0" in found.note and "not met at system = s1" in found.note


def test_the_moderator_of_a_factorial_is_named():
    """Eight strata of three settings: one decides, the others do not."""
    results = []
    for i, (a, b, c) in enumerate(itertools.product((False, True), repeat=3)):
        for on in (0, 1):
            height = (2.0 if a else 0.6) if on else 1.0
            runs = noisy(height, 100 + 2 * i + on, sd=0.6)
            results.append(result(runs, on=on, a=a, b=b, c=c))
    found = verdict(Ratio({"on": 1}, {"on": 0}, low=1), results)
    assert found.verdict == "depends"
    assert "met at a = True" in found.note and "not met at a = False" in found.note


def test_arms_that_name_their_stratum_are_strata_all_the_same():
    both = {"system": ("s0", "s1")}
    ratio = Ratio({"on": 1} | both, {"on": 0} | both, low=1)
    assert verdict(ratio, strata_of(4.0, 0.35)).verdict == "depends"


@pytest.mark.parametrize(
    "values", [[1.0, 500.0], [1.0] * 31 + [0.99]], ids=["two runs", "one differs"]
)
def test_a_spread_of_next_to_nothing_is_not_sure(values):
    """Without one run the others agree, and the jackknife of their SD is no number."""
    runs = [ConditionResult("", {}, {}, {"loss": np.array(values)})]
    assert verdict(Within(high=1000), runs, measure=RunSpread("loss")).verdict == "undecided"


def test_one_rare_event_is_no_surer_than_none():
    """An event that is seen must not make its rarity sure when none seen has not."""
    measure = RiseFraction("loss")
    for seen in (0, 1, 3):
        values = np.repeat([1 / 199, 0.0], [seen, 32 - seen])
        runs = [ConditionResult("", {}, {}, {}, {measure.name: values})]
        assert verdict(Within(high=0.005), runs, measure=measure).verdict == "undecided"
        assert verdict(Within(high=0.2), runs, measure=measure).verdict == "supported"


def test_runs_without_a_value_count_for_nothing():
    half, share = np.where(np.arange(10) < 5, np.nan, 0.5), Final("accuracy")
    runs = [ConditionResult("", {}, {}, {"accuracy": half})]
    # Five runs allow (0.3 / 0.5)^5 = 8 %, doubled; ten would be sure.
    assert verdict(Within(low=0.3), runs, measure=share).verdict == "undecided"
    some = np.where(np.arange(RUNS) < 5, np.nan, LUCK[:, 0])
    runs = [ConditionResult("", {}, {}, {"x": some})]
    found = verdict(Within(low=-9), runs, measure=Final("x"))
    assert found.verdict == "supported" and "5 of 40 runs have no value" in found.note


def test_the_end_of_a_range_is_no_border():
    nothing = [ConditionResult("", {}, {}, {"accuracy": np.zeros(RUNS)})]
    assert verdict(Within(0.0, 0.2), nothing, measure=Final("accuracy")).verdict == "supported"


def test_rounding_decides_nothing_where_nothing_is_random():
    base = Condition(Quadratic(n_train=32), Point(), SGD(0.1), Training(epochs=1))
    pinned = replace(base, sources=Sources(0, 0, 0, 0, 0))

    def at(*heights):
        return [
            ConditionResult("", pinned, {"dose": dose}, {"loss": np.array([float(height)])})
            for dose, height in zip((1, 2, 4, 8), heights, strict=True)
        ]

    for level in (0.1, 1.1, 2.3):
        flat = verdict(Increases("dose"), at(level, level, level, level))
        assert flat.verdict == "refuted" and "falls" not in flat.note
    assert verdict(Increases("dose"), at(1, 2, 3, 4)).verdict == "supported"
    assert verdict(Peaks("dose", 2, 1.2), at(1, 3, 2, 1)).verdict == "supported"
    assert verdict(Peaks("dose", 2, 1.2), at(1, 2, 2, 1)).verdict == "undecided"


def test_contrary_slopes_depend():
    up = sweep(lambda dose: dose, system="a")
    down = sweep(lambda dose: 1 / dose, seed=50, system="b")
    assert verdict(Increases("dose"), up + down).verdict == "depends"
    steep = sweep(lambda dose: dose**2, seed=50, system="b")
    assert verdict(Increases("dose"), up + steep).verdict == "supported"


def test_a_peak_in_one_system_and_none_in_the_other_depends():
    slope = sweep(lambda dose: 1 / dose, seed=50, system="b")
    bump = [replace(each, settings={**each.settings, "system": "a"}) for each in BUMP]
    assert verdict(Peaks("dose", 4, 1.5), bump + slope).verdict == "depends"


def test_diverged_runs_are_left_out_and_said():
    results = sweep(lambda dose: 3 / dose, doses=(1, 2, 4, 8, 16))
    broken = results[-1].series["loss"].copy()
    broken[5:] = np.nan
    results[-1] = replace(results[-1], series={"loss": broken})
    some = results[0].series["loss"].copy()
    some[3] = np.inf
    results[0] = replace(results[0], series={"loss": some})
    found = verdict(PowerLaw("dose", -1, 0.1), results)
    assert found.verdict == "supported" and "in most runs: dose = 16" in found.note
    assert "1 of 40 runs have no value" in found.note
    assert verdict(Within(low=0), results).verdict == "undecided"
    assert verdict(Within(low=1), results).verdict == "refuted"
    gone = [replace(each, series={"loss": np.full(RUNS, np.nan)}) for each in results]
    for expect in (PowerLaw("dose", -1, 0.1), Within(0, 1), NoEffect("dose", 0.1),
                   Peaks("dose", 2, 2), Ratio({"dose": 1}, {"dose": 2}, 1, 2)):  # fmt: skip
        assert verdict(expect, gone).verdict == "undecided"
    hole = [BUMP[0], gone[1], *BUMP[2:]]
    assert "left out" in verdict(Peaks("dose", 4, 1.5), hole).note


def test_common_seeds_are_used_when_counts_differ():
    results = sweep(lambda dose: 1 / dose)
    results[1] = replace(results[1], series={"loss": results[1].series["loss"][:12]})
    found = verdict(Ratio({"dose": 1}, {"dose": 2}, low=1.5), results)
    top, bottom = (np.log(each.series["loss"][:12]).mean() for each in results[:2])
    assert found.number.estimate == pytest.approx(np.exp(top - bottom))


@pytest.mark.parametrize(
    ("expect", "options", "note"),
    [
        (PowerLaw("dose", -1, 0.1), {"where": {"dose": 2}}, "two doses of dose are needed"),
        (Within(low=0), {"where": {"dose": 3}}, "no condition has dose = 3"),
        (Within(low=0), {"where": {"dos": 3}}, "the closest is dose"),
        (Increases("does"), {}, "setting does"),
        (Ratio({"dose": 1}, {"dose": 3}, low=1), {}, "no condition has dose = 3"),
        (Peaks("dose", 100, 2), {}, "no dose of dose lies between 50 and 200"),
        (Within(low=0), {"measure": Final("y")}, "'y'"),
        (Equals(lambda c: 0.0), {}, "theory gives 0"),
    ],
)
def test_what_cannot_be_judged_is_explained(expect, options, note):
    found = verdict(expect, FALLING, **options)
    assert found.verdict == "undecided" and note in found.note
    assert found.number.estimate is None and found.p is None and found.seeds_to_decide is None


def test_no_results_no_crash():
    assert verdict(Within(low=0), []).verdict == "undecided"
    single = [replace(each, series={"loss": each.series["loss"][:1]}) for each in FALLING]
    assert "one run" in verdict(Within(low=0), single).note
    assert judge([], FALLING) == []


def test_an_axis_of_words_is_a_mistake():
    with pytest.raises(UserError, match="must hold numbers.*'adam'"):
        verdict(Increases("method"), [result(1, method="adam"), result(1, method="sgd")])


def test_the_ratio_to_nothing_is_not_judged():
    around_zero = [result(LUCK[:, 0], dose=1), result(1 + LUCK[:, 0], dose=2)]
    ratio = Ratio({"dose": 2}, {"dose": 1}, low=1)
    assert "zero" in verdict(ratio, around_zero, measure=Final("x")).note


def test_a_ratio_over_what_may_be_zero_has_no_ends():
    rng = np.random.default_rng(0)
    top, unclear = 5 + rng.standard_normal(RUNS), 0.1 + 2 * rng.standard_normal(RUNS)
    assert RatioOfMeans(top, unclear, RUNS).interval() == (-math.inf, math.inf)
    low, high = RatioOfMeans(top, unclear + 5, RUNS).interval()
    assert low < 5 / 5.1 < high < math.inf


def test_strata_in_which_nothing_happens_have_no_common_ratio():
    shares = [
        ConditionResult(
            "", None, {"on": on, "system": f"s{share}"}, {},
            {"final(accuracy)": (LUCK[:, 0] < share).astype(float)},
        )
        for share in (-9.0, 0.5)
        for on in (0, 1)
    ]  # fmt: skip
    ratio = Ratio({"on": 1}, {"on": 0}, low=1)
    assert "zero" in verdict(ratio, shares, measure=Final("accuracy")).note


def test_wrong_claims_are_refused():
    for wrong in (
        lambda: Within(),
        lambda: Within(2, 1),
        lambda: Within(low=float("nan")),
        lambda: PowerLaw("a b", 1, 1),
        lambda: PowerLaw("a", 1, -1),
        lambda: Increases("a", by=-1),
        lambda: Ratio({}, {"a": 1}, 1, 2),
        lambda: NoEffect("a", 0),
        lambda: Peaks("a", 1, 0.5),
        lambda: Equals(3),  # type: ignore[arg-type]
        lambda: claim(Within(low=0), name="A claim"),
        lambda: claim("rises"),  # type: ignore[arg-type]
        lambda: Claim("a", " ", Final("x"), Within(low=0)),
        lambda: Claim("a", "Says.", "jitter", Within(low=0)),  # type: ignore[arg-type]
    ):
        with pytest.raises(UserError):
            wrong()
