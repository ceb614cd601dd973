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

from typing import NamedTuple

import numpy as np
from jaxtyping import Float

from benchmark.declare.curves import Curves, PerRun, detrended, flat, per_run
from benchmark.statistics.measures.fluctuation import jitter


class Parts(NamedTuple):
    """Variances over time in each run, unit squared; [run]. NaN for a diverged run."""

    trend: np.ndarray
    wander: np.ndarray
    noise: np.ndarray

    @property
    def whole(self) -> PerRun:
        """The variance that is split: about the run's mean, T in the denominator."""
        return self.trend + self.wander + self.noise


def split(curves: Curves) -> Parts:
    """Trend, wander and noise of curves [run, time] of four points or more.

    White noise of T points has shares of about 1/T, 0 and 1 − 1/T, as a line through noise
    is never level.
    """
    residuals = _residual_variance(curves)
    noise = np.minimum(jitter(curves) ** 2, residuals)
    return Parts(_variance(curves) - residuals, residuals - noise, noise)


def trend_share(curves: Curves) -> PerRun:
    """Share of the variance that is the least-squares line; NaN for a constant run."""
    return _share("trend", curves)


def wander_share(curves: Curves) -> PerRun:
    """Share of the variance that is neither line nor noise; NaN for a constant run."""
    return _share("wander", curves)


def noise_share(curves: Curves) -> PerRun:
    """Share of the variance that changes from point to point; NaN for a constant run."""
    return _share("noise", curves)


def evaluation_noise(first: Curves, second: Curves) -> PerRun:
    """SD of the part of the jitter that is the finite validation set's; unit of the curves.

    With e the distance from the mean of both neighbours (see `jitter`) of either half's
    curve, the network's part of e_a − e_b is nought and the sets' parts are independent, so
    that ⅔·mean(e_a − e_b)²/4 is the variance of the whole set's part. What the set adds
    slowly, or once and for all, is no jitter and not seen.

    Args:
        first, second: curves of two halves of equal size, whose mean is the whole set's.
    """
    with np.errstate(invalid="ignore"):  # ∞ − ∞ of a diverged run, which gives NaN
        return jitter((np.asarray(first, np.float64) - np.asarray(second, np.float64)) / 2)


def evaluation_share(first: Curves, second: Curves) -> PerRun:
    """Share of the whole set's variance that is evaluation noise; NaN for a constant run.

    The noise share less this one is what the training steps do. An estimate on its own,
    it can exceed the noise share by its sampling error, or if the curve has a period of two.
    """
    whole = (np.asarray(first, np.float64) + np.asarray(second, np.float64)) / 2
    noise = evaluation_noise(first, second)
    return _ratio(noise**2, _variance(whole), whole)


def binomial_share(accuracy: Curves, samples: int) -> PerRun:
    """The most that a finite validation set can make of a run's variance; in [0, 1].

    For a log with accuracies alone: mean p(1 − p)/n over the variance. Samples drawn anew
    for every look reach it; on a fixed set the same samples are hard every time, and errors
    that persist do not move the curve. More than the noise share it cannot be, either.

    Args:
        accuracy: [run, time], shares correct.
        samples: n, size of the validation set.
    """
    held = np.asarray(accuracy, np.float64)
    drawn = np.mean(held * (1 - held), axis=1) / samples
    return np.minimum(_ratio(drawn, _variance(held), held), noise_share(held))


@per_run(at_least=4)
def _variance(curves: Curves) -> PerRun:
    return curves.var(axis=1)


@per_run(at_least=4)
def _residual_variance(curves: Curves) -> PerRun:
    return np.mean(detrended(curves) ** 2, axis=1)


def _share(name: str, curves: Curves) -> PerRun:
    parts = split(curves)
    return _ratio(getattr(parts, name), parts.whole, curves)


def _ratio(
    part: Float[np.ndarray, " run"], whole: Float[np.ndarray, " run"], curves: Curves
) -> PerRun:
    """`part` of `whole` in every run; NaN where the curve only has rounding errors."""
    held = np.asarray(curves, np.float64)
    with np.errstate(divide="ignore", invalid="ignore"):
        still = flat(held, held - held.mean(axis=1, keepdims=True))
        return np.where(still, np.nan, part / whole)
