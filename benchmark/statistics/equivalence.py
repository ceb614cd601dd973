"""Two independent samples of runs: do they differ at all, and surely by less than a margin?

Means are compared by Welch's t, of logarithms where a quantity is positive in every run;
SDs over runs by Miller's jackknife of their logarithm (1968, Jackknifing variances, Annals
of Mathematical Statistics 39). Both are too sure of themselves far out in the tails when
runs are few and not normal, so that the rank test of Mann and Whitney (1947), which is not,
must see the difference, too: the larger p counts.
"""

import math
from typing import Literal, NamedTuple, TypeAlias

import numpy as np
from jaxtyping import Bool, Float
from scipy.special import ndtri, stdtr, stdtrit

from benchmark.declare.measures import OverRuns

ONE_SIDED = 0.05
"""Level of each of the two one-sided tests; the interval they make has 90 %."""
RELATIVE, FACTOR = 0.05, 1.5
"""Margin of a mean: the run-to-run SD of the first sample, as less cannot be seen in single
runs; but at least 5 %, and at most a factor 1.5, which is also the margin of an SD."""
SHARES = 0.25
"""Margin of a share of runs: a difference."""
SMALLEST = 1e-6
"""Differences of quantities around zero below this are rounding."""

Scale = Literal["ratio", "difference", "share"]
Sample: TypeAlias = Float[np.ndarray, "first"]
Other: TypeAlias = Float[np.ndarray, "second"]


class Compared(NamedTuple):
    """The second sample against the first.

    Attributes:
        scale: what is said of the difference: second ÷ first, second − first, or the same
            of shares of runs.
        first, second: the summaries: means (geometric for ratios), SDs or shares.
        difference, low, high: with its 90 % interval.
        margin: agreement is within [1/margin, margin], or within [−margin, margin].
        p: of "there is no difference", two-sided.
        inside: whether the whole interval lies inside the margin: two one-sided tests
            (Schuirmann 1987, J. Pharmacokinetics and Biopharmaceutics 15).
    """

    scale: Scale
    first: float
    second: float
    difference: float
    low: float
    high: float
    margin: float
    p: float
    inside: bool


def compare_means(first: Sample, second: Other) -> Compared:
    """Means over runs, [run] each; finite, at least two runs. See the head of this file."""
    log = bool(min(first.min(), second.min()) > 0)
    if log:
        first, second = np.log(first), np.log(second)
    spread, means = float(first.std(ddof=1)), (float(first.mean()), float(second.mean()))
    if log:
        margin = min(max(spread, math.log1p(RELATIVE)), math.log(FACTOR))
        found = _welch(first, second, margin, (_exp(means[0]), _exp(means[1])), log)
    else:
        margin = max(spread, RELATIVE * abs(means[0]), SMALLEST)
        found = _welch(first, second, margin, means, log)
    return found._replace(p=max(found.p, _by_ranks(first, second)))


def compare_spreads(first: Sample, second: Other) -> Compared:
    """SDs over runs, [run] each; finite, at least three runs.

    Ranks are those of the distances from the median.
    """
    sizes = float(first.std(ddof=1)), float(second.std(ddof=1))
    gap, apart = sizes[1] - sizes[0], [abs(x - np.median(x)) for x in (first, second)]
    if min(sizes) == 0:
        alike = abs(gap) <= SMALLEST
        p = _by_ranks(*apart)
        return Compared("difference", *sizes, gap, gap, gap, SMALLEST, p, alike)
    parts = _pseudo_values(first), _pseudo_values(second)
    found = _welch(*parts, math.log(FACTOR), sizes, log=True)
    return found._replace(p=max(found.p, _by_ranks(*apart)))


def compare_shares(
    first: Bool[np.ndarray, "first"], second: Bool[np.ndarray, "second"]
) -> Compared:
    """Shares of runs in which something is so, [run] each, by Fisher's exact test.

    The interval is Newcombe's (1998, Statistics in Medicine 17, method 10), of Wilson's.
    """
    shares = float(first.mean()), float(second.mean())
    (low, high), (low2, high2) = _wilson(first), _wilson(second)
    difference = shares[1] - shares[0]
    below = math.hypot(shares[1] - low2, high - shares[0])
    above = math.hypot(high2 - shares[1], shares[0] - low)
    ends = difference - below, difference + above
    p, inside = _fisher(first, second), max(map(abs, ends)) < SHARES
    return Compared("share", *shares, difference, *ends, SHARES, p, inside)


def compare_runs(first: Sample, second: Other, over_runs: OverRuns) -> Compared:
    """The summary that a measure declares, of two samples of finite values, [run] each."""
    return (compare_spreads if over_runs == "sd" else compare_means)(first, second)


def _welch(
    first: Sample, second: Other, margin: float, sizes: tuple[float, float], log: bool
) -> Compared:
    """Difference of two means, and a margin for it; with `log` it is told as a ratio."""
    difference = float(second.mean() - first.mean())
    parts = np.array([values.var(ddof=1) / len(values) for values in (first, second)])
    error = math.sqrt(parts.sum())
    size = max(abs(float(first.mean())), abs(float(second.mean())))
    if error <= 1e-12 * size:  # equal numbers have a variance of rounding
        reach, p = 0.0, float(abs(difference) <= 1e-12 * size)
    else:
        counts = np.array([len(first), len(second)])
        degrees = float(parts.sum() ** 2 / np.sum(parts**2 / (counts - 1)))
        reach = -float(stdtrit(degrees, ONE_SIDED)) * error
        p = 2 * float(stdtr(degrees, -abs(difference) / error))
    inside = abs(difference) + reach <= margin
    low, high = difference - reach, difference + reach
    if log:
        told = _exp(difference), _exp(low), _exp(high), _exp(margin)
        return Compared("ratio", *sizes, *told, p, inside)
    return Compared("difference", *sizes, difference, low, high, margin, p, inside)


def _pseudo_values(values: Sample) -> Sample:
    """Jackknife pseudo-values of the logarithm of the SD, whose mean estimates it."""
    runs, centred = len(values), values - values.mean()
    # Sum of squares of the others about their own mean.
    squares = np.sum(centred**2) - centred**2 * (runs / (runs - 1))
    # One run far from equal others would leave nothing.
    least = 1e-12 * np.sum(centred**2)
    without = 0.5 * np.log(np.maximum(squares, least) / (runs - 2))
    return runs * math.log(values.std(ddof=1)) - (runs - 1) * without


def _by_ranks(first: np.ndarray, second: np.ndarray) -> float:
    from scipy.stats import mannwhitneyu

    both = np.concatenate([first, second])
    if (both == both[0]).all():
        return 1.0
    return float(mannwhitneyu(first, second, method="asymptotic").pvalue)


def _wilson(so: np.ndarray) -> tuple[float, float]:
    z, runs, share = -float(ndtri(ONE_SIDED)), len(so), float(so.mean())
    centre = share + z**2 / (2 * runs)
    reach = z * math.sqrt(share * (1 - share) / runs + z**2 / (4 * runs**2))
    return (centre - reach) / (1 + z**2 / runs), (centre + reach) / (1 + z**2 / runs)


def _fisher(first: np.ndarray, second: np.ndarray) -> float:
    from scipy.stats import fisher_exact

    table = [[int(so.sum()), int((~so).sum())] for so in (first, second)]
    return float(fisher_exact(table).pvalue)  # pyright: ignore[reportAttributeAccessIssue]


def _exp(value: float) -> float:
    with np.errstate(over="ignore"):
        return float(np.exp(value))
