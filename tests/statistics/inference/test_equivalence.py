"""Two samples: whether they differ, agree, or cannot be told apart."""

import numpy as np
import pytest

from benchmark.statistics.inference.equivalence import (
    Compared,
    compare_means,
    compare_shares,
    compare_spreads,
    noticeable,
)
from benchmark.statistics.inference.multiplicity import holm


def heavy(generator: np.random.Generator, runs: int) -> np.ndarray:
    return generator.standard_t(3, runs)


def skewed(generator: np.random.Generator, runs: int) -> np.ndarray:
    return np.exp(generator.normal(size=runs))


def shares(generator: np.random.Generator, runs: int) -> np.ndarray:
    return generator.binomial(20, 0.05, runs) / 20


@pytest.mark.usefixtures("unchecked")
@pytest.mark.parametrize("draw", [heavy, skewed, shares])
@pytest.mark.parametrize("sizes", [(32, 32), (32, 8)])
def test_the_same_distribution_is_hardly_ever_said_to_differ(draw, sizes):
    """Level of a table of 20 rows, half of them SDs, with Holm: at most 5 %."""
    generator, tables, rows = np.random.default_rng(1), 60, 20
    false = 0
    for _ in range(tables):
        found = [
            (compare_means if row % 2 else compare_spreads)(
                *(draw(generator, runs) for runs in sizes)
            )
            for row in range(rows)
        ]
        false += bool(holm(np.array([each.p for each in found])).min() < 0.05)
    assert false <= 6  # P(more | 5 %) = 0.03, but two ranks and a t make it less


def test_power_and_agreement_of_means():
    generator = np.random.default_rng(2)
    near, far = (
        [compare_means(*pair) for pair in samples]
        for samples in (
            [(generator.normal(100, 1, 32), generator.normal(100, 1, 32)) for _ in range(200)],
            [(generator.normal(0, 1, 32), generator.normal(1.5, 1, 32)) for _ in range(200)],
        )
    )
    assert all(each.inside and each.scale == "ratio" for each in near)
    assert np.mean([each.p < 0.05 / 40 and not each.inside for each in far]) > 0.95
    unit = [
        compare_means(generator.normal(0, 1, 32), generator.normal(0, 1, 32)).inside
        for _ in range(400)
    ]
    # |difference| + 1.67 SE < 1 SD, SE = 0.25 SD: P(|N(0, ¼)| < 0.58) = 0.98, less as the
    # margin is estimated.
    assert 0.92 < np.mean(unit) < 1.0


def test_one_sided_level_on_the_border_of_the_margin():
    """A true difference of exactly the margin is called inside in 5 % of the cases."""
    generator = np.random.default_rng(3)
    found = [
        compare_means(generator.normal(0, 1, 400), generator.normal(1, 1, 400)).inside
        for _ in range(600)
    ]
    # The margin, an estimated SD, adds a quarter to the variance of the difference.
    assert 0.02 < np.mean(found) < 0.12


def test_power_of_spreads():
    generator = np.random.default_rng(4)
    wide = [
        compare_spreads(generator.normal(0, 1, 32), generator.normal(0, 5, 32)).p
        for _ in range(200)
    ]
    assert np.mean(np.array(wide) < 0.05 / 40) > 0.95
    many = compare_spreads(generator.normal(0, 1, 400), generator.normal(3, 1, 400))
    assert many.inside and many.difference.low < many.difference.estimate < many.difference.high
    assert many.difference.estimate == pytest.approx(many.second / many.first, rel=0.01)


def test_numbers_without_noise():
    same = compare_means(np.full(8, 2.0), np.full(5, 2.0))
    assert (same.difference.estimate, same.p, same.inside) == (1.0, 1.0, True)
    apart = compare_means(np.full(8, 2.0), np.full(5, 2.2))
    assert apart.p < 0.001 and not apart.inside
    assert compare_means(np.full(8, 2.0), np.full(5, 2.08)).inside
    assert compare_means(np.zeros(8), np.full(8, 1e-9), resolution=1e-8).inside
    assert not compare_means(np.zeros(8), np.full(8, 1e-9)).inside
    assert not compare_means(np.zeros(8), np.full(8, 1e-3)).inside
    still = compare_spreads(np.full(8, 2.0), np.full(8, 3.0))
    assert (still.p, still.inside) == (1.0, True)
    one_off = compare_spreads(np.full(8, 2.0), np.array([2.0] * 7 + [3.0]))
    assert one_off.p > 0.05 and not one_off.inside
    moved = compare_spreads(np.full(32, 2.0), np.arange(32.0))
    assert moved.p < 1e-6


def test_shares():
    def of(yes: int, runs: int) -> np.ndarray:
        return np.arange(runs) < yes

    none = compare_shares(of(0, 32), of(0, 32))
    assert (none.p, none.inside) == (1.0, True)
    assert none.difference.high == pytest.approx(
        2.7055 / (32 + 2.7055), rel=1e-3
    )  # Wilson's, 0 of 32
    few = compare_shares(of(20, 400), of(36, 400))
    assert few.p < 0.05 and few.inside
    far = compare_shares(of(0, 32), of(16, 32))
    assert far.p < 1e-4 and not far.inside


def test_round_off_is_not_compared_with_round_off():
    """3e-16 and 4e-16 differ surely, but not beyond a resolution of 1e-13."""
    generator = np.random.default_rng(6)
    first, second = (size * generator.normal(1, 0.05, 32) for size in (3e-16, 4e-16))
    seen, blind = compare_means(first, second), compare_means(first, second, 1e-13)
    assert seen.p < 1e-9 and not seen.inside
    assert (blind.p, blind.inside) == (1.0, True)
    # The same number of digits apart above the resolution is seen as before.
    above = compare_means(first * 1e6, second * 1e6, 1e-13)
    assert above.p < 1e-9 and not above.inside and above.scale == "ratio"
    # And a sample that has sunk into rounding differs from one that has not.
    sunk = compare_means(generator.normal(1, 0.1, 32), second, 1e-13)
    assert sunk.p < 1e-9 and not sunk.inside
    narrow, wide = (generator.normal(0, size, 32) for size in (1e-9, 5e-9))
    assert compare_spreads(narrow, wide).p < 1e-3
    assert compare_spreads(narrow, wide, 1e-6).inside
    assert not compare_spreads(narrow, 1e9 * wide, 1e-6).inside


@pytest.mark.parametrize("resolution", [0.0, 0.4])
def test_a_difference_within_the_resolution_is_none(resolution):
    """With a true difference of the resolution p is uniform at most."""
    generator = np.random.default_rng(7)
    p = [
        compare_means(
            generator.normal(0, 1, 32), generator.normal(resolution, 1, 32), resolution
        ).p
        for _ in range(400)
    ]
    assert np.mean(np.array(p) < 0.05) < 0.08


@pytest.mark.parametrize(
    ("runs", "level"), [((32, 32), 0.05 / 40), ((32, 32), 0.05), ((128, 16), 0.05 / 40)]
)
def test_what_is_noticeable_is_noticed_in_four_of_five_cases(runs, level):
    generator = np.random.default_rng(8)

    def pair(shift: float) -> Compared:
        return compare_means(
            generator.normal(0, 1, runs[0]), generator.normal(shift, 1, runs[1])
        )

    shift = float(np.median([noticeable(pair(0.0), level) for _ in range(60)]))
    found = [pair(shift) for _ in range(400)]
    assert 0.74 < np.mean([each.p < level and not each.inside for each in found]) < 0.93


def test_few_runs_notice_nothing():
    generator = np.random.default_rng(9)
    few = compare_means(generator.normal(0, 1, 4), generator.normal(0, 1, 4))
    # Ranks of four and four runs have a p of 0.03 at least.
    assert noticeable(few, 0.01) == np.inf and 2 < noticeable(few, 0.05) < 6
    none = compare_shares(np.zeros(32, bool), np.zeros(32, bool))
    shift = noticeable(none, 0.05)
    drawn = np.random.default_rng(10).random((400, 32)) < shift
    power = np.mean([compare_shares(np.zeros(32, bool), so).p < 0.05 for so in drawn])
    assert 0.7 < power < 0.9
    assert noticeable(compare_shares(np.zeros(2, bool), np.zeros(2, bool)), 0.05) == np.inf
