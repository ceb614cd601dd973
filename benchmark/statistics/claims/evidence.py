"""A statistic held against a region: inside or outside, and how surely."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from benchmark.statistics.claims.region import Region
from benchmark.statistics.inference.intervals import Interval
from benchmark.statistics.inference.statistic import Statistic


@dataclass(frozen=True)
class Evidence:
    """A statistic, its 95 % interval and the test of the side on which it lies.

    Attributes:
        about: which condition or comparison this is; empty if there is only one.
        region: what it is held against.
        number: the statistic with its interval; NaN if it is not defined.
        inside: whether the estimate is in the region (borders belong to it).
        p: two-sided p-value of "the truth is on the other side of the nearest border".
        runs: number of runs behind it.
        remark: what is special about it, if anything.
        above: whether the estimate is above the neutral value of the region.
    """

    about: str
    region: Region
    number: Interval[float]
    inside: bool
    p: float
    runs: int
    remark: str = ""
    above: bool = False

    @property
    def defined(self) -> bool:
        """Whether there is a number to judge."""
        return math.isfinite(self.number.estimate)


def undefined(about: str, region: Region, runs: int, remark: str = "") -> Evidence:
    """Evidence of nothing: there is no number."""
    nothing = Interval(math.nan, math.nan, math.nan)
    return Evidence(about, region, nothing, False, 1.0, runs, remark)


@dataclass(frozen=True)
class Finding:
    """Evidence on a claim: it holds if every piece is inside its region.

    Attributes:
        pieces: what was held against a region, at least one.
        notes: what the reader should know besides.
        strata: the pieces are of systems of which some surely meet the claim and others
            surely do not: what is true depends on the system.
    """

    pieces: list[Evidence]
    notes: list[str] = field(default_factory=list)
    strata: bool = False

    @property
    def regions(self) -> tuple[Region, ...]:
        """What the claim expects: one region, or several where it depends on the stratum."""
        return tuple(dict.fromkeys(piece.region for piece in self.pieces))


def weigh(statistic: Statistic, region: Region, about: str = "", log: bool = False) -> Evidence:
    """Hold a statistic against a region.

    One-sided p-values are doubled throughout, so that a verdict at 5 % agrees with the
    95 % interval. Inside, both borders must be excluded (two one-sided tests); outside, the
    nearest one.

    Args:
        statistic: what is held against it.
        region: where it should lie.
        about: what the statistic belongs to.
        log: the statistic is a logarithm, and is told as a factor, like the region.
    """
    estimate, runs = statistic.estimate, statistic.runs
    if not math.isfinite(estimate) or (runs < 2 and not statistic.certain):
        return undefined(about, region, runs)
    low, high, neutral = region.low, region.high, region.neutral
    if log:
        low, high, neutral = (
            None if edge is None else _log(edge) for edge in (low, high, neutral)
        )
    side = _side(statistic, low, high, region.strict)
    one_sided = _one_sided(statistic, low, high, side)
    inverse = np.exp if log else float
    with np.errstate(over="ignore"):
        numbers = (float(inverse(x)) for x in (estimate, *statistic.interval()))
        number = Interval(*numbers)
    return Evidence(
        about,
        region,
        number,
        side == 0,
        1.0 if math.isnan(one_sided) else min(1.0, 2 * one_sided),
        runs,
        statistic.remark,
        neutral is not None and estimate > neutral,
    )


def _one_sided(statistic: Statistic, low: float | None, high: float | None, side: int) -> float:
    """p-value of "the truth is on the other side of the border", of the worst border.

    Args:
        statistic: what is held against the region.
        low, high: the region.
        side: −1 if the estimate is below it, 1 if above, 0 if inside.
    """
    if statistic.certain:
        return 0.0
    if low is not None and side < 0:
        return statistic.tails(low).at_least
    if high is not None and side > 0:
        return statistic.tails(high).at_most
    p = [0.0]
    p += [statistic.tails(low).at_most] if low is not None else []
    p += [statistic.tails(high).at_least] if high is not None else []
    return float(np.max(p))


def _side(statistic: Statistic, low: float | None, high: float | None, strict: bool) -> int:
    """−1 if the estimate is below the region, 1 if above, 0 if inside."""
    for border, outside in ((low, -1), (high, 1)):
        if border is None:
            continue
        gap = statistic.estimate - border
        if statistic.certain and min(statistic.tails(border)) == 1:
            gap = 0.0
        if gap * outside > 0 or (strict and gap == 0):
            return outside
    return 0


def _log(edge: float) -> float:
    return math.log(edge) if edge > 0 else -math.inf


def contrary(strata: Sequence[Evidence]) -> float:
    """p-value of "all strata have one answer": some surely meet the claim and others do not.

    Bonferroni over strata.
    """
    sides = [[each.p for each in strata if each.inside is side] for side in (True, False)]
    return min(1.0, len(strata) * max(min(side, default=1.0) for side in sides))


def seeds_needed(p: float, runs: int, level: float) -> int | None:
    """Runs at which the same effect and spread would have a two-sided p-value of `level`.

    Distances from a border, in units of the interval, grow as the square root of the
    number of runs. None if the estimate sits on the border, so that more than a thousand
    times the runs would be needed. It extrapolates one noisy number: an order of magnitude.
    """
    # scipy only here: see `benchmark.statistics.inference`.
    from scipy.special import ndtri

    distance = -float(ndtri(p / 2))
    factor = (float(ndtri(level / 2)) / distance) ** 2 if distance > 0 else math.inf
    return math.ceil(runs * factor) if factor <= 1000 else None
