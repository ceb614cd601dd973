"""How much a curve fluctuates; all values are in the unit of the series unless said."""

from typing import Any

import numpy as np

from benchmark.declare.curves import Curves, Kept, PerRun
from benchmark.declare.errors import require
from benchmark.declare.measure import Measure


class Jitter(Measure):
    """Size of the point-to-point noise on whatever smooth trend the curve has.

    √(⅔·mean e_t²) with e_t = x_t − (x_{t−1} + x_{t+1})/2: white noise of SD σ on any straight
    line gives σ. Gasser, Sroka, Jennen-Steinmetz (1986), Residual variance and residual
    pattern in nonlinear regression, Biometrika 73.

    >>> Jitter("train_loss").of_curves([[5.0, 4.0, 3.0, 2.0], [0.0, 1.0, 0.0, 1.0]])
    array([0.        , 0.81649658])
    """

    says, short, unit = "jitter of the {of}", "jitter", "{unit}"
    positive, bounds_of_shares, shortest = True, (0.0, 1.0), 3

    def values(self, curves: Curves) -> PerRun:
        """SD of the noise on a locally straight trend."""
        return np.sqrt(2 / 3 * np.mean(excess(curves) ** 2, axis=1))


def jitter(curves: Any) -> PerRun:
    """`Jitter` of curves [run, time]; NaN for a diverged run, or of fewer than three times.

    >>> curve = np.array([3.0, 1.0, 2.0, 1.0])
    >>> jitter(curve[None]).round(3)
    array([1.041])

    Raises:
        UserError: they are no such table: one curve alone is ``curve[None]``.
    """
    require(
        np.ndim(curves) == 2,
        f"Curves must be [run, time], but have {np.ndim(curves)} dimensions; one curve alone "
        "is curve[None].",
    )
    return Jitter("curve").of_curves(curves)


def excess(curves: Curves) -> Kept:
    """e_t = x_t − (x_{t−1} + x_{t+1})/2 for the interior times."""
    return curves[:, 1:-1] - (curves[:, :-2] + curves[:, 2:]) / 2


class RelativeJitter(Measure):
    """Jitter of the logarithm, without unit: 0.1 is about ten per cent. For losses.

    NaN for a run that is not positive throughout.
    """

    says, short = "relative jitter of the {of}", "relative jitter"
    positive, shortest = True, 3

    def values(self, curves: Curves) -> PerRun:
        """`jitter` of log x."""
        return jitter(np.log(curves, out=np.full(curves.shape, np.nan), where=curves > 0))


class Wander(Measure):
    """SD over time of a run's distance from the mean of the other (finite) runs.

    White noise of SD σ gives σ√(R/(R−1)) for R runs. NaN if there is only one run.
    """

    says, short, unit = "wander of the {of}", "wander", "{unit}"
    positive, bounds_of_shares, shortest = True, (0.0, 2.0), 2

    def values(self, curves: Curves) -> PerRun:
        """SD of the distance from the others' mean, T − 1 in the denominator."""
        runs = len(curves)
        if runs < 2:
            return np.full(runs, np.nan)
        # x - mean of the others = (x - mean of all) R/(R-1).
        distance = (curves - curves.mean(axis=0)) * (runs / (runs - 1))
        return distance.std(axis=1, ddof=1)


class Variance(Measure):
    """Variance over time about the run's own mean, T − 1 in the denominator; unit squared.

    For a run with lag-1 autocorrelation φ it falls short of the process's variance by a
    share of about 2φ/((1−φ)T): use long windows against closed forms.
    """

    says, short, unit = "variance over time of the {of}", "variance", "{unit}²"
    positive, bounds_of_shares, shortest = True, (0.0, 1.0), 2

    def values(self, curves: Curves) -> PerRun:
        """Plain variance."""
        return curves.var(axis=1, ddof=1)


class Drawup(Measure):
    """Largest setback from the best value so far; a fall, for accuracies.

    max_t (x_t − min_{u≤t} x_u), at least 0; max_t (max_{u≤t} x_u − x_t) where more is better.

    >>> Drawup("train_loss", window=(0, 1)).evaluate({"train_loss": [[3.0, 1.0, 2.0, 0.0]]})
    array([1.])
    """

    says, short, unit = "largest setback of the {of}", "setback", "{unit}"
    positive, bounds_of_shares, is_difference = True, (0.0, 1.0), True

    def values(self, curves: Curves) -> PerRun:
        """Largest distance from the best value so far."""
        cost = -curves if self.parsed[0].more_is_better else curves
        return np.max(cost - np.minimum.accumulate(cost, axis=1), axis=1)
