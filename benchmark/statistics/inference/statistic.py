"""Numbers over runs: what can be said of where the truth lies, and how surely."""

import math
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from jaxtyping import Float

from benchmark.statistics.inference import student
from benchmark.statistics.inference.intervals import LEVEL
from benchmark.statistics.inference.student import Tails

OPEN = (-math.inf, math.inf)


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
        of_parts = student.moments(self.parts)
        # Runs without a value contribute nothing to the spread, and no degree of freedom.
        sd = of_parts.sd * math.sqrt(self.runs / max(len(self.parts), 1))
        return student.Moments(
            self.estimate,
            0.0 if of_parts.sd <= self.grain else sd,
            of_parts.skewness,
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
        moments = self._moments
        unseen = student.unseen(moments, border, *self.bounds)
        if moments.agree:
            return unseen
        observed = student.tails(moments, border)
        return Tails(*map(max, observed, unseen)) if self.rare else observed

    def interval(self) -> tuple[float, float]:
        """See `Statistic`; of runs that all agree, as far as an unseen run allows."""
        if self.certain:
            return self.estimate, self.estimate
        if not self._known or self.runs < 2:
            return math.nan, math.nan
        moments = self._moments
        unseen = student.unseen_ends(self.estimate, moments.runs, self.bounds, LEVEL)
        if moments.agree:
            return unseen
        low, high = student.ends(moments, LEVEL)
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
        bound = self._at(np.where(rising, ends[1], ends[0]))
        return bound if not math.isnan(bound) else (math.inf if upper else -math.inf)

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


def _crossing(p: Callable[[float], float], start: float, upwards: int) -> float:
    """Where a one-sided p-value that falls away from `start` meets 2.5 %; else infinite."""
    from scipy.optimize import brentq

    sign, alpha = 1 if upwards else -1, (1 - LEVEL) / 2
    step = 0.05 * abs(start) + 1e-12
    near, far = start, start + sign * step
    for _ in range(60):
        if p(far) < alpha:
            crossing = brentq(lambda c: p(c) - alpha, near, far, xtol=1e-9 * step + 1e-300)
            return float(crossing)  # pyright: ignore[reportArgumentType]
        near, step = far, 2 * step
        far = far + sign * step
    return sign * math.inf
