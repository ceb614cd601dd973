"""In which way a curve fluctuates, whatever the size: rises, turns, spikes, correlations.

Values are pure numbers.
"""

from dataclasses import dataclass

import numpy as np

from benchmark.declare.curves import SINGLE, Curves, PerRun, detrended, flat, robust_sd
from benchmark.declare.errors import require
from benchmark.declare.measure import Measure
from benchmark.statistics.measures.fluctuation import excess


class RiseFraction(Measure):
    """Share of the times at which the next value is higher.

    0 for a noise-free descent, ½ for white noise.

    >>> RiseFraction("train_loss").of_curves([[3.0, 2.0, 2.5, 1.0, 0.5]])
    array([0.25])
    """

    says, short, unit = "how often the {of} rises", "share", "of {time}"
    bounds, rare, shortest = (0.0, 1.0), True, 2

    def values(self, curves: Curves) -> PerRun:
        """Share of rises among the steps from one time to the next."""
        return np.mean(curves[:, 1:] > curves[:, :-1], axis=1)


class ReversalFraction(Measure):
    """Share of interior times that are strict local extremes.

    Smooth 0, white noise ⅔, period 2 gives 1. A plateau holds no extreme.
    """

    says, short, unit = "how often the {of} turns", "share", "of {time}"
    bounds, rare, is_shape, shortest = (0.0, 1.0), True, True, 3

    def values(self, curves: Curves) -> PerRun:
        """Share of times before and after which the curve goes opposite ways."""
        step = np.sign(np.diff(curves, axis=1))
        return np.mean(step[:, 1:] * step[:, :-1] < 0, axis=1)


class VonNeumann(Measure):
    """Mean squared successive difference over variance, after linear detrending.

    The variance has T in its denominator, so that a pure period 2 gives 4 (within 3/T² for
    the line); white noise then gives 2 + about 4/T, AR(1) 2(1−φ) plus a like term. NaN for
    a straight line.
    Von Neumann (1941), Distribution of the ratio of the mean square successive difference
    to the variance, Annals of Mathematical Statistics 12.
    """

    says, short = "von Neumann ratio of the {of}", "ratio"
    bounds, is_shape, shortest = (0.0, 4.5), True, 4

    def values(self, curves: Curves) -> PerRun:
        """The ratio of the residuals from the least-squares line."""
        residuals = detrended(curves)
        ratio = np.full(len(curves), np.nan)
        variance = np.mean(residuals**2, axis=1)
        # Squares of the smallest numbers are 0.
        some = ~flat(curves, residuals) & (variance > 0)
        change = np.mean(np.diff(residuals[some], axis=1) ** 2, axis=1)
        ratio[some] = change / variance[some]
        return ratio


@dataclass(frozen=True)
class Autocorrelation(Measure):
    """Correlation of the series with itself ``lag`` points later.

    Σ x̃_t x̃_{t+lag} / Σ x̃_t², x̃ = x − mean over time; NaN for a constant run. A trend
    counts as correlation here; `VonNeumann` looks at what remains without it.

    >>> Autocorrelation("train_loss", lag=2).name
    'autocorrelation(train_loss, lag=2)'
    """

    lag: int = 1

    says, short = "autocorrelation of the {of} at lag {lag:g}", "correlation"
    bounds, is_shape, shortest = (-1.0, 1.0), True, 3

    def __post_init__(self) -> None:
        super().__post_init__()
        require(self.lag >= 1, f"Autocorrelation.lag is {self.lag!r}, not 1, 2, 3, …")

    def values(self, curves: Curves) -> PerRun:
        """The correlation about the mean over time."""
        centred = curves - curves.mean(axis=1, keepdims=True)
        result = np.full(len(curves), np.nan)
        some = ~flat(curves, centred)
        if self.lag < curves.shape[1]:
            kept = centred[some]
            product = np.sum(kept[:, self.lag :] * kept[:, : -self.lag], axis=1)
            result[some] = product / np.sum(kept**2, axis=1)
        return result


class SpikeRate(Measure):
    """Share of interior times that stick out by more than five robust SDs.

    What sticks out is the distance from the mean of both neighbours, e_t (see `Jitter`).
    Robust SD: 1.4826 times the median absolute deviation. Only excursions to the worse
    count: upwards, or downwards where more is better. What single precision cannot resolve
    is no spike.
    """

    says, short, unit = "how often the {of} spikes", "share", "of {time}"
    bounds, rare, is_shape, shortest = (0.0, 1.0), True, True, 3

    def values(self, curves: Curves) -> PerRun:
        """Share of the e_t above five robust SDs of e."""
        apart = excess(-curves if self.parsed[0].more_is_better else curves)
        robust = robust_sd(apart)[:, None]
        resolution = 4 * SINGLE * np.abs(curves).max(axis=1, keepdims=True)
        return np.mean(apart > np.maximum(5 * robust, resolution), axis=1)
