"""One number held against a region: inside or outside, and how surely."""

import math
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from jaxtyping import Float
from scipy.optimize import brentq
from scipy.special import ndtri

from benchmark.statistics.inference import student
from benchmark.statistics.inference.intervals import LEVEL
from benchmark.statistics.inference.student import Tails

OPEN = (-math.inf, math.inf)


@dataclass(frozen=True)
class Evidence:
    """A statistic, its 95 % interval and the test of the side on which it lies.

    Attributes:
        about: which condition or comparison this is; empty if there is only one.
        estimate, low, high: the statistic and its interval; NaN if it is not defined.
        inside: whether the estimate is in the region (borders belong to it).
        p: two-sided p-value of "the truth is on the other side of the nearest border".
        runs: number of runs behind it.
        remark: what is special about it, if anything.
        sign_p: two-sided p-value of "there is no effect", for a comparison.
        above: whether the estimate is above no effect.
    """

    about: str
    estimate: float
    low: float
    high: float
    inside: bool
    p: float
    runs: int
    remark: str = ""
    sign_p: float = 1.0
    above: bool = False

    @property
    def defined(self) -> bool:
        """Whether there is a number to judge."""
        return math.isfinite(self.estimate)


@dataclass(frozen=True)
class Finding:
    """Evidence on a claim: it holds if every piece is inside the region.

    Attributes:
        region: the region in words.
        pieces: what was held against it, at least one.
        notes: what the reader should know besides.
        strata: the pieces are of systems of which some surely meet the claim and others
            surely do not: what is true depends on the system.
    """

    region: str
    pieces: list[Evidence]
    notes: list[str] = field(default_factory=list)
    strata: bool = False


class Statistic(ABC):
    """A number with what can be said of where the truth lies.

    Attributes:
        estimate: NaN where it is not defined.
        runs: number of runs behind it.
        certain: every source of randomness is pinned, so that one run tells all.
        remark: what is special about it, if anything.
        grain: smaller differences are the rounding of single precision.
    """

    estimate: float
    runs: int
    certain: bool
    remark: str
    grain: float = 0.0

    @abstractmethod
    def tails(self, border: float) -> Tails:
        """How surely the truth is on either side of a border."""

    @abstractmethod
    def interval(self) -> tuple[float, float]:
        """The 95 % interval."""


AGREE = "all runs agree exactly: one that differs may not have been seen"
CERTAIN = "deterministic: one run decides"


@dataclass(frozen=True, eq=False)
class Mean(Statistic):
    """A mean over runs, or what behaves like one (a smooth function of means).

    Attributes:
        estimate: the statistic.
        parts: what each run contributes, [run]; their mean is the estimate, but for the
            curvature of the function (jackknife pseudo-values).
        bounds: between which a part must lie.
        certain: every source of randomness is pinned, so that one run tells all.
        grain: a smaller spread between runs is the rounding of single precision.
        of_logs: the parts are logarithms.
        rare: the parts count events, of which a rare one may not have been seen.
    """

    estimate: float
    parts: Float[np.ndarray, " part"]
    runs: int
    bounds: tuple[float, float] = OPEN
    certain: bool = False
    grain: float = 0.0
    of_logs: bool = False
    rare: bool = False

    @cached_property
    def _moments(self) -> student.Moments:
        found = student.moments(self.parts)
        # Runs without a value contribute nothing to the spread, and no degree of freedom.
        sd = found.sd * math.sqrt(self.runs / max(len(self.parts), 1))
        return student.Moments(
            self.estimate,
            0.0 if found.sd <= self.grain else sd,
            found.skewness,
            self.runs,
            self.of_logs,
        )

    @property
    def _known(self) -> bool:
        """Whether every run's part is a number."""
        return math.isfinite(self.estimate) and bool(np.isfinite(self.parts).all())

    @property
    def remark(self) -> str:
        """Whether the runs agree exactly, or some have no value."""
        if self.certain:
            return CERTAIN
        lacking = len(self.parts) - self.runs
        if self._known and self._moments.agree:
            return AGREE
        return f"{lacking} of {len(self.parts)} runs have no value" if lacking > 0 else ""

    def tails(self, border: float) -> Tails:
        """See `Statistic`."""
        if self.certain:
            return _decided(self.estimate, border, self.grain)
        if not self._known or self.runs < 2:
            return Tails(1.0, 1.0)
        found = self._moments
        unseen = student.unseen(found, border, *self.bounds)
        if found.agree:
            return unseen
        seen = student.tails(found, border)
        return Tails(*map(max, seen, unseen)) if self.rare else seen

    def interval(self) -> tuple[float, float]:
        """See `Statistic`; of runs that all agree, as far as an unseen run allows."""
        if self.certain:
            return self.estimate, self.estimate
        if not self._known or self.runs < 2:
            return math.nan, math.nan
        found = self._moments
        unseen = student.unseen_ends(self.estimate, found.runs, self.bounds, LEVEL)
        if found.agree:
            return unseen
        low, high = student.ends(found, LEVEL)
        if self.rare:
            low, high = min(low, unseen[0]), max(high, unseen[1])
        return max(low, self.bounds[0]), min(high, self.bounds[1])


def _decided(estimate: float, border: float, grain: float) -> Tails:
    """What one run says where nothing is random; on the border itself, neither side."""
    gap = estimate - border
    if abs(gap) <= max(grain, student.ROUNDING * abs(border)):
        return Tails(1.0, 1.0)
    return Tails(float(gap < 0), float(gap > 0))


@dataclass(frozen=True, eq=False)
class Doubted(Statistic):
    """A statistic whose own test may be too sure, and a second one of the same effect.

    Of SDs of skewed runs no test is valid; that of the distances from the median is, where
    the runs of all conditions have one shape. Both have to be sure.

    Attributes:
        own: the statistic.
        second: another estimate of the same number.
    """

    own: Mean
    second: Mean

    @property
    def estimate(self) -> float:
        """Of the statistic itself."""
        return self.own.estimate

    @property
    def runs(self) -> int:
        """Behind either."""
        return min(self.own.runs, self.second.runs)

    @property
    def certain(self) -> bool:
        """Whether one run tells all."""
        return self.own.certain

    @property
    def remark(self) -> str:
        """Of the statistic itself."""
        return self.own.remark

    def tails(self, border: float) -> Tails:
        """See `Statistic`."""
        return Tails(*map(max, self.own.tails(border), self.second.tails(border)))

    def interval(self) -> tuple[float, float]:
        """See `Statistic`."""
        (low, high), other = self.own.interval(), self.second.interval()
        return float(np.fmin(low, other[0])), float(np.fmax(high, other[1]))


@dataclass(frozen=True, eq=False)
class RatioOfMeans(Statistic):
    """The ratio of two means of numbers that may be of either sign, or 0.

    The truth is above a border c where the mean of top − c·bottom is above 0 (Fieller 1954,
    Some problems in interval estimation, JRSS B 16, 175).

    Attributes:
        top, bottom: [run]; the mean of `bottom` is positive.
        top_bounds, bottom_bounds: between which they must lie.
    """

    top: Float[np.ndarray, " part"]
    bottom: Float[np.ndarray, " part"]
    runs: int
    top_bounds: tuple[float, float] = OPEN
    bottom_bounds: tuple[float, float] = OPEN
    certain: bool = False
    rare: bool = False

    @property
    def estimate(self) -> float:
        """Mean over mean."""
        below = float(self.bottom.mean())
        return float(self.top.mean()) / below if below else math.nan

    @property
    def remark(self) -> str:
        """Whether the runs agree exactly."""
        at = self._against(self.estimate if math.isfinite(self.estimate) else 1.0)
        return at.remark

    def _against(self, border: float) -> Mean:
        gap = self.top - border * self.bottom
        (low, high), (least, most) = self.top_bounds, self.bottom_bounds
        of_bottom = sorted((border * least, border * most)) if border else (0.0, 0.0)
        ends = (low - of_bottom[1], high - of_bottom[0])
        return Mean(float(gap.mean()), gap, self.runs, ends, self.certain, rare=self.rare)

    def tails(self, border: float) -> Tails:
        """See `Statistic`."""
        gap = self._against(border)
        size = float(np.abs(self.top).mean() + abs(border) * np.abs(self.bottom).mean())
        if not self.certain and float(np.ptp(gap.parts)) <= student.ROUNDING * size:
            at = 0.0 if abs(gap.estimate) <= student.ROUNDING * size else gap.estimate
            return student.unseen(student.Moments(at, 0.0, 0.0, self.runs), 0.0, *gap.bounds)
        return gap.tails(0.0)

    def interval(self) -> tuple[float, float]:
        """See `Statistic`; without ends where the mean below might be 0."""
        if self.certain:
            return self.estimate, self.estimate
        below = Mean(float(self.bottom.mean()), self.bottom, self.runs, self.bottom_bounds)
        if below.tails(0.0).at_most > (1 - LEVEL) / 2:
            return OPEN
        return tuple(  # type: ignore[return-value]
            _crossing(lambda c, s=side: self.tails(c)[s], self.estimate, side)
            for side in (0, 1)
        )


@dataclass(frozen=True, eq=False)
class OfShares(Statistic):
    """A function of the shares of runs in which something happens: diverged or not.

    Such runs are noughts and ones, of which few are far from normal, so that the bounds are
    exact and simultaneous: of each share at its part of the level.

    Attributes:
        successes: runs in which it happens, [condition].
        of: runs altogether, [condition].
        function: shares [condition] → number, monotone in each.
        signs: +1 where it grows with the share, −1 where it falls, [condition].
    """

    successes: Float[np.ndarray, " condition"]
    of: Float[np.ndarray, " condition"]
    function: Callable[[np.ndarray], float]
    signs: Float[np.ndarray, " condition"]
    certain: bool = False

    @property
    def estimate(self) -> float:
        """At the observed shares."""
        return self._at(self.successes / self.of)

    @property
    def runs(self) -> int:
        """The fewest of any condition."""
        return int(np.min(self.of))

    @property
    def remark(self) -> str:
        """Nothing is special: the bounds are exact."""
        return CERTAIN if self.certain else ""

    def _at(self, shares: np.ndarray) -> float:
        with np.errstate(divide="ignore", invalid="ignore"):
            return float(self.function(shares))

    def _end(self, alpha: float, upper: bool) -> float:
        """Bound of the function at a one-sided level."""
        part = alpha / max(1, np.count_nonzero(self.signs))
        ends = [
            student.share_end(self.successes, self.of, part, upper=side)
            for side in (False, True)
        ]
        rising = self.signs > 0 if upper else self.signs < 0
        found = self._at(np.where(rising, ends[1], ends[0]))
        return found if not math.isnan(found) else (math.inf if upper else -math.inf)

    def tails(self, border: float) -> Tails:
        """See `Statistic`."""
        if self.certain:
            return _decided(self.estimate, border, 0.0)

        def excluded(alpha: float, upper: bool) -> bool:
            end = self._end(alpha, upper)
            return end < border if upper else end > border

        def p(upper: bool) -> float:
            if not excluded(1 - 1e-9, upper):
                return 1.0
            small, large = -690.0, math.log(1 - 1e-9)
            if excluded(math.exp(small), upper):
                return math.exp(small)
            for _ in range(40):
                middle = (small + large) / 2
                if excluded(math.exp(middle), upper):
                    large = middle
                else:
                    small = middle
            return math.exp(large)

        return Tails(p(upper=False), p(upper=True))

    def interval(self) -> tuple[float, float]:
        """See `Statistic`."""
        if self.certain:
            return self.estimate, self.estimate
        alpha = (1 - LEVEL) / 2
        return self._end(alpha, upper=False), self._end(alpha, upper=True)


def weigh(
    statistic: Statistic,
    low: float | None,
    high: float | None,
    about: str = "",
    log: bool = False,
    no_effect: float | None = None,
    strict: bool = False,
) -> Evidence:
    """Hold a statistic against the region [low, high] (None: open on that side).

    One-sided p-values are doubled throughout, so that a verdict at 5 % agrees with the
    95 % interval. Inside, both borders must be excluded (two one-sided tests); outside, the
    nearest one.

    Args:
        statistic: what is held against it.
        low: lower border.
        high: upper border.
        about: what the statistic belongs to.
        log: the statistic is a logarithm, and is told as a factor, like the borders.
        no_effect: where the statistic is if there is no effect, on its own scale.
        strict: borders do not belong to the region.
    """
    estimate, runs = statistic.estimate, statistic.runs
    if not math.isfinite(estimate) or (runs < 2 and not statistic.certain):
        return Evidence(about, math.nan, math.nan, math.nan, False, 1.0, runs)
    if log:
        low, high = (None if edge is None else _log(edge) for edge in (low, high))
    side = _side(statistic, low, high, strict)
    one_sided = _one_sided(statistic, low, high, side)
    sign = min(statistic.tails(no_effect)) if no_effect is not None else 1.0
    told = np.exp if log else float
    with np.errstate(over="ignore"):
        told_estimate, *ends = (float(told(x)) for x in (estimate, *statistic.interval()))
    return Evidence(
        about,
        told_estimate,
        ends[0],
        ends[1],
        side == 0,
        _doubled(one_sided),
        runs,
        statistic.remark,
        _doubled(sign),
        no_effect is not None and estimate > no_effect,
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


def _doubled(one_sided: float) -> float:
    return 1.0 if math.isnan(one_sided) else min(1.0, 2 * one_sided)


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
    distance = -float(ndtri(p / 2))
    factor = (float(ndtri(level / 2)) / distance) ** 2 if distance > 0 else math.inf
    return math.ceil(runs * factor) if factor <= 1000 else None


def _log(edge: float) -> float:
    return math.log(edge) if edge > 0 else -math.inf


def _crossing(p: Callable[[float], float], start: float, upwards: int) -> float:
    """Where a one-sided p-value that falls away from `start` meets 2.5 %; else infinite."""
    sign, alpha = 1 if upwards else -1, (1 - LEVEL) / 2
    step = 0.05 * abs(start) + 1e-12
    near, far = start, start + sign * step
    for _ in range(60):
        if p(far) < alpha:
            found = brentq(lambda c: p(c) - alpha, near, far, xtol=1e-9 * step + 1e-300)
            return float(found)  # pyright: ignore[reportArgumentType]
        near, step = far, 2 * step
        far = far + sign * step
    return sign * math.inf
