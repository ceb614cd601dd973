"""Two independent samples of runs: do they differ at all, and surely by less than a margin?

Means are compared by Welch's t, of logarithms where a quantity is positive in every run;
SDs over runs by Miller's jackknife of their logarithm (1968, Jackknifing variances, Annals
of Mathematical Statistics 39). Both are too sure of themselves far out in the tails when
runs are few and not normal, so that the rank test of Mann and Whitney (1947), which is not,
must see the difference, too: the larger p counts.

Numbers carry the rounding of single precision (`statistics.resolution`). No margin is smaller,
p is that of a difference *beyond* it, logarithms are taken only of what is above it, and an SD
over runs has it added in quadrature: so rounding is never compared with rounding.
"""

import math
from functools import lru_cache
from typing import Any, Literal, NamedTuple, TypeAlias

import numpy as np
from jaxtyping import Bool, Float

from benchmark.declare.measure import OverRuns
from benchmark.statistics.inference.intervals import Interval

ONE_SIDED = 0.05
"""Level of each of the two one-sided tests; the interval they make has 90 %."""
RELATIVE, FACTOR = 0.05, 1.5
"""Margin of a mean: the run-to-run SD of the first sample, as less cannot be seen in single
runs; but at least 5 %, and at most a factor 1.5, which is also the margin of an SD."""
SHARES = 0.25
"""Margin of a share of runs: a difference."""
POWER = 0.8
"""Chance with which a shift that counts as noticeable is said to differ."""

Scale = Literal["ratio", "difference", "share"]
Sample: TypeAlias = Float[np.ndarray, "first"]
Other: TypeAlias = Float[np.ndarray, "second"]


class Compared(NamedTuple):
    """The second sample against the first.

    Attributes:
        scale: what is said of the difference: second ÷ first, second − first, or the same
            of shares of runs.
        first, second: the summaries: means (geometric for ratios), SDs or shares.
        difference: with its 90 % interval.
        margin: agreement is within [1/margin, margin], or within [−margin, margin].
        p: of "there is no difference", two-sided.
        inside: whether the whole interval lies inside the margin: two one-sided tests
            (Schuirmann 1987, J. Pharmacokinetics and Biopharmaceutics 15).
        runs: sizes of both samples.
        error, degrees: standard error of the difference, in logarithms for a ratio, and its
            degrees of freedom; 0 where nothing varies.
        spread: run-to-run SD of the first sample, in the same unit; 0 for SDs and shares.
        blur: differences up to here are rounding, in the same unit.
    """

    scale: Scale
    first: float
    second: float
    difference: Interval[float]
    margin: float
    p: float
    inside: bool
    runs: tuple[int, int] = (0, 0)
    error: float = 0.0
    degrees: float = 0.0
    spread: float = 0.0
    blur: float = 0.0

    def as_json(self) -> dict[str, Any]:
        """Plain data, with the keys `KEYS`."""
        scale, first, second, difference, *rest = self
        return dict(zip(KEYS, (scale, first, second, *difference, *rest), strict=True))


KEYS = (
    "scale", "first", "second", "difference", "low", "high", "margin", "p", "inside", "runs",
    "error", "degrees", "spread", "blur",
)  # fmt: skip
"""Of `Compared` as plain data, in which the interval is three numbers."""


def compare_means(first: Sample, second: Other, resolution: float = 0.0) -> Compared:
    """Means over runs, [run] each; finite, at least two runs. See the head of this file.

    Args:
        first, second: the samples.
        resolution: rounding of the values, in their unit.
    """
    log = bool(min(first.min(), second.min()) > resolution)
    blur = resolution
    if log:
        blur = math.log1p(resolution / min(first.mean(), second.mean()))
        first, second = np.log(first), np.log(second)
    spread, means = float(first.std(ddof=1)), (float(first.mean()), float(second.mean()))
    if log:
        margin = min(max(spread, math.log1p(RELATIVE)), math.log(FACTOR))
        means = _exp(means[0]), _exp(means[1])
    else:
        margin = max(spread, RELATIVE * abs(means[0]))
    compared = _welch(first, second, max(margin, blur), means, log, blur)
    gap = float(second.mean() - first.mean())
    ranks = _by_ranks(first, second - math.copysign(min(abs(gap), blur), gap))
    return compared._replace(p=max(compared.p, ranks), spread=spread)


def compare_spreads(first: Sample, second: Other, resolution: float = 0.0) -> Compared:
    """SDs over runs, [run] each; finite, at least three runs.

    Ranks are those of the distances from the median.

    Args:
        first, second: the samples.
        resolution: rounding of the values, in their unit.
    """
    sizes = _size(first, resolution), _size(second, resolution)
    apart = [np.maximum(abs(x - np.median(x)), resolution) for x in (first, second)]
    p, runs = _by_ranks(*apart), (len(first), len(second))
    if min(sizes) == 0:
        gap = sizes[1] - sizes[0]
        point = Interval(gap, gap, gap)
        return Compared("difference", *sizes, point, 0.0, p, gap == 0, runs)
    parts = _pseudo_values(first, resolution), _pseudo_values(second, resolution)
    compared = _welch(*parts, math.log(FACTOR), sizes, log=True)
    return compared._replace(p=max(compared.p, p))


def _size(values: Sample, resolution: float) -> float:
    return math.hypot(float(values.std(ddof=1)), resolution)


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
    runs, interval = (len(first), len(second)), Interval(difference, *ends)
    return Compared("share", *shares, interval, SHARES, p, inside, runs)


def compare_runs(
    first: Sample, second: Other, over_runs: OverRuns, resolution: float = 0.0
) -> Compared:
    """The summary that a measure declares, of two samples of finite values, [run] each."""
    compare = compare_spreads if over_runs == "sd" else compare_means
    return compare(first, second, resolution)


def noticeable(compared: Compared, level: float) -> float:
    """The smallest true difference that would have been said to differ in 80 % of cases.

    It must be significant at `level`, two-sided, by Welch's t and by ranks, and stick out of
    the margin. For ranks samples are taken as normal with equal SDs, for Fisher's test the
    first share is taken for granted.

    Args:
        compared: a comparison.
        level: at which its p would have been decisive; Holm's first is FAMILY_WISE ÷ rows.

    Returns:
        A factor above 1 for a ratio, else a difference; ∞ if no difference could be seen.
    """
    from scipy.special import stdtrit

    if compared.scale == "share":
        return max(
            _share_to_notice(round(compared.first * compared.runs[0]), *compared.runs, level),
            SHARES,
        )
    log = compared.scale == "ratio"
    margin = math.log(compared.margin) if log else compared.margin
    shift = margin
    if compared.error > 0:
        lucky = float(stdtrit(compared.degrees, POWER))
        enough = -float(stdtrit(compared.degrees, level / 2)) + lucky
        # How far the interval's end is from the estimate counts for the margin.
        reach = -float(stdtrit(compared.degrees, ONE_SIDED))
        shift = max(
            compared.blur + enough * compared.error, margin + (lucky - reach) * compared.error
        )
        # In units of the SD that equal samples of these sizes would have.
        unit = compared.error / math.sqrt(sum(1 / runs for runs in compared.runs))
        shift = max(shift, compared.blur + unit * _rank_shift(*compared.runs, level))
    elif math.isinf(_rank_shift(*compared.runs, level)):
        shift = math.inf
    return _exp(shift) if log else shift


@lru_cache
def _rank_shift(first: int, second: int, level: float) -> float:
    """Shift in SDs of normal samples that the rank test finds with the power wished.

    Variance of the share of pairs in order: Lehmann (1975), Nonparametrics, 2.20.
    """
    from scipy.optimize import brentq
    from scipy.special import ndtr, ndtri

    pairs = first * second
    chance = math.sqrt((first + second + 1) / (12 * pairs))
    border = 0.5 - float(ndtri(level / 2)) * chance + 0.5 / pairs
    if border >= 1:
        return math.inf
    nodes, weights = np.polynomial.hermite_e.hermegauss(60)
    weights = weights / weights.sum()

    def surplus(shift: float) -> float:
        ordered = float(ndtr(shift / math.sqrt(2)))
        shared = float(weights @ ndtr(nodes + shift) ** 2) - ordered**2
        variance = ordered * (1 - ordered) + (first + second - 2) * shared
        return ordered - border - float(ndtri(POWER)) * math.sqrt(max(variance, 0) / pairs)

    return float(brentq(surplus, 0.0, 12.0))  # pyright: ignore[reportArgumentType]


@lru_cache
def _share_to_notice(yes: int, first: int, second: int, level: float) -> float:
    """Smallest difference from `yes` of `first` runs that Fisher's test would find."""
    from scipy.special import betaincinv

    def p(other: int) -> float:
        counts = ((yes, first), (other, second))
        return _fisher(*(np.arange(runs) < k for k, runs in counts))

    share, shifts = yes / first, []
    up = [k for k in range(second + 1) if k / second > share and p(k) < level]
    down = [k for k in range(second + 1) if k / second < share and p(k) < level]
    if up:  # the share that gives so many or more with the power wished
        shifts.append(float(betaincinv(up[0], second - up[0] + 1, POWER)) - share)
    if down:
        k = second - down[-1]
        shifts.append(float(betaincinv(k, second - k + 1, POWER)) - (1 - share))
    return min(shifts, default=math.inf)


def _welch(
    first: Sample,
    second: Other,
    margin: float,
    sizes: tuple[float, float],
    log: bool,
    blur: float = 0.0,
) -> Compared:
    """Difference of two means, and a margin for it; with `log` it is told as a ratio."""
    from scipy.special import stdtr, stdtrit

    difference = float(second.mean() - first.mean())
    parts = np.array([values.var(ddof=1) / len(values) for values in (first, second)])
    error = math.sqrt(parts.sum())
    size = max(abs(float(first.mean())), abs(float(second.mean())))
    if error <= 1e-12 * size:  # equal numbers have a variance of rounding
        error, degrees, reach = 0.0, 0.0, 0.0
        p = float(abs(difference) <= blur + 1e-12 * size)
    else:
        counts = np.array([len(first), len(second)])
        degrees = float(parts.sum() ** 2 / np.sum(parts**2 / (counts - 1)))
        reach = -float(stdtrit(degrees, ONE_SIDED)) * error
        p = 2 * float(stdtr(degrees, -max(abs(difference) - blur, 0.0) / error))
    inside = abs(difference) + reach <= margin
    interval = Interval(difference, difference - reach, difference + reach)
    how = ((len(first), len(second)), error, degrees, 0.0, blur)
    if log:
        interval, margin = Interval(*map(_exp, interval)), _exp(margin)
    return Compared("ratio" if log else "difference", *sizes, interval, margin, p, inside, *how)


def _pseudo_values(values: Sample, resolution: float) -> Sample:
    """Jackknife pseudo-values of the logarithm of √(SD² + resolution²)."""
    runs, centred = len(values), values - values.mean()
    # Sum of squares of the others about their own mean.
    squares = np.sum(centred**2) - centred**2 * (runs / (runs - 1))
    # One run far from equal others would leave nothing.
    least = 1e-12 * np.sum(centred**2)
    floor = resolution**2
    without = 0.5 * np.log(np.maximum(squares, least) / (runs - 2) + floor)
    return runs * math.log(_size(values, resolution)) - (runs - 1) * without


def _by_ranks(first: np.ndarray, second: np.ndarray) -> float:
    from scipy.stats import mannwhitneyu

    both = np.concatenate([first, second])
    if (both == both[0]).all():
        return 1.0
    return float(mannwhitneyu(first, second, method="asymptotic").pvalue)


def _wilson(so: np.ndarray) -> tuple[float, float]:
    from scipy.special import ndtri

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
