"""One number held against a region: inside or outside, and how surely."""

import math
from dataclasses import dataclass, field

import numpy as np
from scipy.special import ndtri

from benchmark.statistics.intervals import UNDEFINED, bca_interval, tails
from benchmark.statistics.resampling import Draws


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
    """

    about: str
    estimate: float
    low: float
    high: float
    inside: bool
    p: float
    runs: int
    remark: str = ""

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
    """

    region: str
    pieces: list[Evidence]
    notes: list[str] = field(default_factory=list)


def weigh(draws: Draws, low: float | None, high: float | None, about: str = "") -> Evidence:
    """Hold a statistic against the region [low, high] (None: open on that side).

    One-sided p-values are doubled throughout, so that a verdict at 5 % agrees with the
    95 % interval. Inside, both borders must be excluded (two one-sided tests); outside, the
    nearest one. Where all runs agree exactly, the sign test speaks: agreement of n runs has
    chance 2^(1-n) if the median were elsewhere.

    Args:
        draws: of a single statistic, values [draw].
        low: lower border.
        high: upper border.
        about: what the statistic belongs to.
    """
    estimate, runs = float(draws.estimate), int(draws.runs)
    resamples, remark = draws.resamples, ""
    defined = np.mean(np.isfinite(resamples)) >= 1 - UNDEFINED
    if not (math.isfinite(estimate) and defined and runs >= 2):
        return Evidence(about, math.nan, math.nan, math.nan, False, 1.0, runs)
    draws = Draws(np.where(np.isfinite(draws.values), draws.values, np.nan), draws.groups, runs)
    ends = bca_interval(draws)
    too_low = low is not None and estimate < low
    too_high = high is not None and estimate > high
    if np.all(resamples == estimate):
        one_sided, remark = 0.5**runs, "all runs agree exactly"
    else:
        below, reached = (0.0, 1.0) if low is None else tails(draws, low)
        not_exceeded, above = (1.0, 0.0) if high is None else tails(draws, high)
        one_sided = reached if too_low else not_exceeded if too_high else max(below, above)
    inside = not (too_low or too_high)
    p = min(1.0, 2 * one_sided)
    low_end, high_end = float(ends.low), float(ends.high)
    return Evidence(about, estimate, low_end, high_end, inside, p, runs, remark)


def weigh_peak(
    doses: np.ndarray, draws: Draws, low: float, high: float, about: str = ""
) -> Evidence:
    """Hold the dose at which a measure is largest against [low, high].

    The bootstrap distribution of the argmax is the evidence: p is twice the share of
    resamples (plus one) whose peak is on the other side.

    Args:
        doses: [dose].
        draws: the measure's summaries, values [dose, draw].
        low: lowest dose of the region.
        high: highest dose of the region.
        about: what the peak belongs to.
    """
    heights = np.where(np.isnan(draws.values), -np.inf, draws.values)
    present = draws.runs[np.isfinite(draws.estimate)]
    runs = int(np.min(present)) if len(present) else 0
    peaks = Draws(doses[heights.argmax(axis=0)], draws.groups, runs)
    estimate, resampled = float(peaks.estimate), peaks.resamples
    if peaks.runs < 2:
        return Evidence(about, math.nan, math.nan, math.nan, False, 1.0, peaks.runs)
    # A hair of slack: at * within is rounded, the doses are exact.
    within = (resampled >= low * (1 - 1e-9)) & (resampled <= high * (1 + 1e-9))
    inside = low * (1 - 1e-9) <= estimate <= high * (1 + 1e-9)
    other_side = np.sum(within != inside)
    p = min(1.0, 2 * (other_side + 1) / (len(resampled) + 1))
    ends = np.quantile(resampled, (0.025, 0.975), method="inverted_cdf")
    return Evidence(about, estimate, float(ends[0]), float(ends[1]), inside, p, peaks.runs)


def seeds_needed(p: float, runs: int, level: float) -> int | None:
    """Runs at which the same effect and spread would have a two-sided p-value of `level`.

    Distances from a border, in units of the interval, grow as the square root of the
    number of runs. None if the estimate sits on the border, so that more than a thousand
    times the runs would be needed.
    """
    distance = -float(ndtri(p / 2))
    factor = (float(ndtri(level / 2)) / distance) ** 2 if distance > 0 else math.inf
    return math.ceil(runs * factor) if factor <= 1000 else None
