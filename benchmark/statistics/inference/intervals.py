"""Confidence intervals of summaries over runs.

Means have the intervals of `student`. SDs and comparisons of summaries come from resampled
runs: BCa intervals (Efron 1987, Better bootstrap confidence intervals, JASA 82) with expanded
percentiles (Hesterberg 2015, What teachers should know about the bootstrap, The American
Statistician 69, section 5.3): Student's t with n-1 degrees of freedom times √(n/(n-1))
takes the place of the normal quantile, which makes small numbers of runs honest.

An interval and the p-values are the same statement: a border is outside the 95 % interval
when its two-sided p-value is below 5 % (up to the grain of the resamples).
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Generic, Literal, NamedTuple, TypeVar

import numpy as np
from jaxtyping import Float

from benchmark.declare.measure import OverRuns
from benchmark.statistics.inference import student
from benchmark.statistics.inference.resampling import (
    RESAMPLES,
    Draws,
    logarithms,
    summarise_runs,
)

LEVEL = 0.95
# A statistic undefined in more resamples than this has no interval.
UNDEFINED = 0.05


Number = TypeVar("Number", np.ndarray, float, float | None)


@dataclass(frozen=True)
class Interval(Generic[Number]):
    """A number with the ends of its interval, or arrays of one shape of them.

    Where numbers are computed, what is not defined is NaN, and an open end infinite; where
    they are told, either is None.

    >>> Interval(2.0, 1.5, 2.5).excludes(1.0)
    True

    Attributes:
        estimate: the number.
        low, high: the ends.
    """

    estimate: Number
    low: Number
    high: Number

    def __iter__(self) -> Iterator[Number]:
        return iter((self.estimate, self.low, self.high))

    @property
    def ends(self) -> tuple[Number, Number]:
        """Low and high."""
        return self.low, self.high

    def known(self) -> "Interval[float | None]":
        """Of plain numbers, None for those that are not finite."""
        numbers: Any = self
        return Interval(*(float(x) if _finite(x) else None for x in numbers))

    @property
    def whole(self) -> bool:
        """Whether the number and both ends are known."""
        return all(map(_finite, self))

    def surely_above(self, value: float) -> bool:
        """Whether all of the interval is above `value`; False if that end is not known."""
        return self.low is not None and bool(self.low > value)

    def surely_below(self, value: float) -> bool:
        """Whether all of the interval is below `value`; False if that end is not known."""
        return self.high is not None and bool(self.high < value)

    def excludes(self, value: float) -> bool:
        """Whether all of the interval is on one side of `value`."""
        return self.surely_above(value) or self.surely_below(value)

    def named(
        self, estimate: str = "estimate", low: str = "low", high: str = "high"
    ) -> dict[str, Number]:
        """For JSON: names and numbers."""
        return {estimate: self.estimate, low: self.low, high: self.high}


def _finite(value: Any) -> bool:
    return value is not None and math.isfinite(value)


def interval(
    values: Float[np.ndarray, "*batch run"],
    over_runs: OverRuns = "mean",
    level: float = LEVEL,
    resamples: int = RESAMPLES,
) -> Interval[np.ndarray]:
    """Summary of runs with its interval: see `student`; of an SD, from the bootstrap.

    Args:
        values: [..., run]; non-finite runs are left out.
        over_runs: "mean", "geometric_mean" (of values that are not negative) or "sd".
        level: two-sided coverage.
        resamples: number of bootstrap replicates of an SD.

    Returns:
        Arrays [...]. Fewer than two finite runs have an estimate but no interval; runs
        that all agree have a point.
    """
    if over_runs == "sd":
        return bca_interval(summarise_runs(values, over_runs, resamples), level)
    values = np.asarray(values, dtype=np.float64)
    if over_runs == "mean":
        return Interval(*student.mean_interval(values, level))
    logs = logarithms(values)
    negative = (np.isfinite(values) & (values < 0)).any(axis=-1)
    mean, *ends = (np.exp(x) for x in student.mean_interval(logs, level))
    # A nought among the factors makes the mean 0, of which there is no interval.
    none = (values == 0).any(axis=-1)
    mean = np.where(none, 0.0, mean)
    low, high = (np.where(none, np.nan, end) for end in ends)
    return Interval(*(np.where(negative, np.nan, each) for each in (mean, low, high)))


def compare(
    first: Float[np.ndarray, "*batch run"],
    second: Float[np.ndarray, "*batch run"],
    how: Literal["ratio", "difference"] = "ratio",
    over_runs: OverRuns = "mean",
) -> Interval[np.ndarray]:
    """Ratio or difference of two conditions' summaries, paired by seed.

    Args:
        first, second: [..., run], the same seeds in the same order.
        how: first ÷ second, or first - second.
        over_runs: the summary.

    Returns:
        Arrays [...], as `interval`.
    """
    both = summarise_runs(np.stack([np.asarray(first), np.asarray(second)]), over_runs)
    with np.errstate(divide="ignore", invalid="ignore"):
        top, bottom = both.values
        values = top / bottom if how == "ratio" else top - bottom
    values = np.where(np.isfinite(values), values, np.nan)
    return bca_interval(Draws(values, both.groups, np.min(both.runs, axis=0)))


def bca_interval(draws: Draws, level: float = LEVEL) -> Interval[np.ndarray]:
    """Interval of any statistic from its draws; arrays [...]."""
    from scipy.special import stdtrit

    ordered = np.sort(draws.resamples, axis=-1)  # NaN last
    shape = _shape(draws)
    quantile = -np.asarray(stdtrit(_degrees(shape.runs), (1 - level) / 2))
    ends = [_end(ordered, draws.estimate, shape, t) for t in (-quantile, quantile)]
    valid = (shape.runs >= 2) & (shape.count >= (1 - UNDEFINED) * ordered.shape[-1])
    low, high = (np.where(valid, end, np.nan) for end in ends)
    return Interval(draws.estimate, low, high)


def tails(draws: Draws, border: float) -> tuple[float, float]:
    """One-sided p-values of "the truth is at most `border`" and "… at least `border`".

    The BCa interval is inverted; beyond the resamples, Student's t takes over.

    Args:
        draws: of a single statistic, values [draw], not all equal.
        border: where the truth is cut.
    """
    from scipy.special import ndtri, stdtr

    shape = _shape(draws)
    count = int(shape.count)
    t = (border - float(draws.estimate)) / float(shape.error)
    below = np.sum(draws.resamples < border) + 0.5 * np.sum(draws.resamples == border)
    if below < 1:
        t = min(t, _position(ndtri(1 / count), shape))
    elif below > count - 1:
        t = max(t, _position(-ndtri(1 / count), shape))
    else:
        t = _position(ndtri(below / count), shape)
    degrees = _degrees(shape.runs)
    return float(stdtr(degrees, t)), float(stdtr(degrees, -t))


class _Shape(NamedTuple):
    """What BCa needs to know about the replicates; arrays [...]."""

    bias: np.ndarray
    acceleration: np.ndarray
    error: np.ndarray
    count: np.ndarray
    runs: np.ndarray
    expansion: np.ndarray


def _shape(draws: Draws) -> _Shape:
    from scipy.special import ndtri

    resamples, estimate = draws.resamples, draws.estimate[..., None]
    count = np.maximum(np.sum(~np.isnan(resamples), axis=-1), 1)
    below = np.sum(resamples < estimate, axis=-1) + 0.5 * np.sum(resamples == estimate, axis=-1)
    bias = ndtri(np.clip(below, 0.5, count - 0.5) / count)
    runs = np.asarray(draws.runs, dtype=np.float64)
    with np.errstate(divide="ignore", invalid="ignore"):
        expansion = np.sqrt(runs / np.maximum(runs - 1, 1e-9))
    return _Shape(
        bias,
        _acceleration(draws.jackknife),
        _error(resamples) * expansion,
        count,
        runs,
        expansion,
    )


def _acceleration(jackknife: np.ndarray) -> np.ndarray:
    """Efron's a: a sixth of the skewness of the influence of single runs."""
    known = ~np.isnan(jackknife)
    filled = np.where(known, jackknife, 0.0)
    mean = filled.sum(axis=-1, keepdims=True) / np.maximum(known.sum(axis=-1, keepdims=True), 1)
    influence = np.where(known, mean - filled, 0.0)
    scale = np.abs(influence).max(axis=-1, keepdims=True, initial=0.0)
    influence = influence / np.where(scale > 0, scale, 1.0)
    spread = np.sum(influence**2, axis=-1)
    safe = np.where(spread > 0, spread, 1.0)
    return np.asarray(np.sum(influence**3, axis=-1) / (6 * safe**1.5))


def _error(resamples: np.ndarray) -> np.ndarray:
    """SD of the replicates that are defined; exactly 0 if they are all the same."""
    known = ~np.isnan(resamples)
    first = resamples[..., :1]
    distance = np.where(known, resamples - np.where(np.isnan(first), 0.0, first), 0.0)
    count = np.maximum(known.sum(axis=-1), 1)
    mean = distance.sum(axis=-1) / count
    return np.asarray(np.sqrt(np.maximum(np.sum(distance**2, axis=-1) / count - mean**2, 0.0)))


def _degrees(runs: np.ndarray | float) -> np.ndarray:
    return np.asarray(np.maximum(np.asarray(runs) - 1, 1))


def _end(ordered: np.ndarray, estimate: Any, shape: _Shape, t: Any) -> np.ndarray:
    """The end of the interval at the signed t quantile, [...]."""
    from scipy.special import ndtr

    reach = shape.bias + t * shape.expansion
    denominator = 1 - shape.acceleration * reach
    # Past the pole of the acceleration no percentile is extreme enough.
    safe = np.where(denominator > 0, denominator, 1.0)
    z = np.where(denominator > 0, shape.bias + reach / safe, np.sign(t) * np.inf)
    share = ndtr(z)
    place = np.clip(share * shape.count - 0.5, 0, shape.count - 1)
    before = np.floor(place).astype(int)
    after = np.minimum(before + 1, shape.count - 1)
    lower, upper = (
        np.take_along_axis(ordered, at[..., None], axis=-1)[..., 0] for at in (before, after)
    )
    end = lower + (place - before) * (upper - lower)
    beyond = (share * shape.count < 1) | ((1 - share) * shape.count < 1)
    by_t = estimate + t * shape.error
    outermost = np.minimum(end, by_t) if np.all(t < 0) else np.maximum(end, by_t)
    return np.where(beyond, outermost, end)


def _position(z: float, shape: _Shape) -> float:
    """The t quantile at which the interval ends at normal quantile `z` of the replicates."""
    distance = z - shape.bias
    denominator = 1 + shape.acceleration * distance
    if denominator <= 0:
        return float(np.sign(distance) * np.inf)
    return float((distance / denominator - shape.bias) / shape.expansion)
