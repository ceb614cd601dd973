"""What the ups and downs of one run are made of.

The variance of a curve within its window is split into three parts that sum to it:

- *trend*: the least-squares line;
- *noise*: what changes from point to point, the squared `jitter` (at most what the line
  leaves: a period of two jitters more than it varies);
- *wander*: the rest, slow changes that are no line.

Part of the noise is not the network's: a validation set is finite, and another one would
have jumped otherwise. Two halves of the set show how much, as the network is the same for
both and the samples are not.
"""

from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
from jaxtyping import Float

from benchmark.declare.curves import Curves, PerRun, detrended, flat
from benchmark.declare.measure import Measure
from benchmark.declare.series import halves
from benchmark.statistics.measures.fluctuation import jitter


class Parts(NamedTuple):
    """Variances over time in each run, unit squared; [run]."""

    trend: np.ndarray
    wander: np.ndarray
    noise: np.ndarray

    @property
    def whole(self) -> PerRun:
        """The variance that is split: about the run's mean, T in the denominator."""
        return self.trend + self.wander + self.noise


def split(curves: Curves) -> Parts:
    """Trend, wander and noise of finite curves [run, time] of four points or more.

    White noise of T points has shares of about 1/T, 0 and 1 − 1/T, as a line through noise
    is never level.
    """
    residuals = np.mean(detrended(curves) ** 2, axis=1)
    noise = np.minimum(jitter(curves) ** 2, residuals)
    return Parts(curves.var(axis=1) - residuals, residuals - noise, noise)


class _ShareOfVariance(Measure):
    """Share of a run's variance; NaN for a constant run."""

    short, is_shape, shortest = "share", True, 4


class TrendShare(_ShareOfVariance):
    """Share of a run's variance that is the least-squares line; see `WanderShare`."""

    says, bounds = "trend's share of the variance over time of the {of}", (0.0, 1.0)

    def values(self, curves: Curves) -> PerRun:
        """Variance of the line over the whole."""
        parts = split(curves)
        return _ratio(parts.trend, parts.whole, curves)


class WanderShare(_ShareOfVariance):
    """Share of a run's variance that is slow; trend, wander and noise sum to one.

    >>> curves = np.random.default_rng(0).normal(size=(2, 40)).cumsum(axis=1)
    >>> shares = (measure("x") for measure in (TrendShare, WanderShare, NoiseShare))
    >>> sum(share.of_curves(curves) for share in shares)
    array([1., 1.])
    """

    says, bounds = "slow share of the variance over time of the {of}", (0.0, 1.0)

    def values(self, curves: Curves) -> PerRun:
        """Variance of what is neither line nor noise over the whole."""
        parts = split(curves)
        return _ratio(parts.wander, parts.whole, curves)


class NoiseShare(_ShareOfVariance):
    """Share of a run's variance that changes from point to point; see `WanderShare`."""

    says, bounds = "noise's share of the variance over time of the {of}", (0.0, 1.0)

    def values(self, curves: Curves) -> PerRun:
        """Squared jitter over the whole."""
        parts = split(curves)
        return _ratio(parts.noise, parts.whole, curves)


@dataclass(frozen=True)
class _OfHalves(Measure):
    """Compares the curves of two halves of the validation set; needs `Evaluation.halves`."""

    of: tuple[str, ...] = field(init=False)
    metric: str = "loss"

    def __post_init__(self) -> None:
        object.__setattr__(self, "of", halves(self.metric))
        super().__post_init__()

    @property
    def options(self) -> dict[str, object]:
        """None: the names of the series say which metric it is."""
        return {}

    @property
    def phrase(self) -> str:
        """What it says of the whole set."""
        return self.says.format(of=self.parsed[0].of_whole_split.words)


class EvaluationNoise(_OfHalves):
    """SD of the part of the jitter that is the finite validation set's.

    With e the distance from the mean of both neighbours (see `Jitter`) of either half's
    curve, the network's part of e_a − e_b is nought and the sets' parts are independent, so
    that ⅔·mean(e_a − e_b)²/4 is the variance of the whole set's part. What the set adds
    slowly, or once and for all, is no jitter and not seen. Needs `Evaluation.halves`.

    >>> EvaluationNoise("accuracy").words
    'noise of evaluating the validation accuracy'
    """

    says, short, unit = "noise of evaluating the {of}", "noise SD", "{unit}"
    positive, bounds_of_shares, shortest = True, (0.0, 1.0), 3

    def values(self, first: Curves, second: Curves) -> PerRun:
        """Jitter of half the difference of two halves of equal size."""
        return jitter((first - second) / 2)


class EvaluationShare(_OfHalves):
    """The same as a share of a run's variance: the part of the curve that is not real.

    The noise share less this one is what the training steps do. An estimate on its own,
    it can exceed the noise share by its sampling error, or if the curve has a period of two.
    NaN for a constant run.
    """

    says, short = "share of evaluation noise in the {of}", "share"
    is_shape, shortest = True, 4

    def values(self, first: Curves, second: Curves) -> PerRun:
        """Squared `EvaluationNoise` over the variance of the halves' mean."""
        whole = (first + second) / 2
        noise = jitter((first - second) / 2)
        return _ratio(noise**2, whole.var(axis=1), whole)


def binomial_share(accuracy: Curves, samples: int) -> PerRun:
    """The most that a finite validation set can make of a run's variance; in [0, 1].

    For a log with accuracies alone: mean p(1 − p)/n over the variance. Samples drawn anew
    for every look reach it; on a fixed set the same samples are hard every time, and errors
    that persist do not move the curve. More than the noise share it cannot be, either.

    Args:
        accuracy: [run, time], shares correct.
        samples: n, size of the validation set.
    """
    correct = np.asarray(accuracy, np.float64)
    drawn = np.mean(correct * (1 - correct), axis=1) / samples
    noise = NoiseShare("accuracy").of_curves(correct)
    return np.minimum(_ratio(drawn, correct.var(axis=1), correct), noise)


def _ratio(
    part: Float[np.ndarray, " run"], whole: Float[np.ndarray, " run"], curves: Curves
) -> PerRun:
    """`part` of `whole` in every run; NaN where the curve only has rounding errors."""
    with np.errstate(divide="ignore", invalid="ignore"):
        still = flat(curves, curves - curves.mean(axis=1, keepdims=True))
        return np.where(still, np.nan, part / whole)
