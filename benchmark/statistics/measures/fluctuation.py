"""Measures of how much, and in which way, a curve fluctuates.

Every function takes curves [run, time] and returns [run]. A diverged run gives NaN.
Values have the unit of the series unless said.
"""

import numpy as np

from benchmark.declare.curves import (
    SINGLE,
    Curves,
    Kept,
    PerRun,
    detrended,
    flat,
    per_run,
)


@per_run(at_least=1)
def level(curves: Curves) -> PerRun:
    """Mean over time."""
    return curves.mean(axis=1)


@per_run(at_least=1)
def final(curves: Curves) -> PerRun:
    """Last recorded value; NaN for a run that diverged on the way."""
    return curves[:, -1]


def _excess(curves: Curves) -> Kept:
    """e_t = x_t - (x_{t-1} + x_{t+1})/2, for the interior times."""
    return curves[:, 1:-1] - (curves[:, :-2] + curves[:, 2:]) / 2


@per_run(at_least=3)
def jitter(curves: Curves) -> PerRun:
    """SD of the noise on a locally straight trend: √(⅔·mean e_t²), e_t as in `_excess`.

    White noise of SD σ on any straight line gives σ. Gasser, Sroka, Jennen-Steinmetz
    (1986), Residual variance and residual pattern in nonlinear regression, Biometrika 73.
    """
    return np.sqrt(2 / 3 * np.mean(_excess(curves) ** 2, axis=1))


def relative_jitter(curves: Curves) -> PerRun:
    """`jitter` of log x, without unit; NaN for a run that is not positive throughout."""
    curves = np.asarray(curves, dtype=np.float64)
    positive = (curves > 0) & (curves < np.inf)
    return jitter(np.log(curves, out=np.full(curves.shape, np.nan), where=positive))


@per_run(at_least=2)
def wander(curves: Curves) -> PerRun:
    """SD over time of a run's distance from the mean of the other (finite) runs.

    White noise of SD σ gives σ√(R/(R-1)) for R runs. NaN if there is only one run.
    """
    runs = len(curves)
    if runs < 2:
        return np.full(runs, np.nan)
    # x - mean of the others = (x - mean of all) R/(R-1).
    distance = (curves - curves.mean(axis=0)) * (runs / (runs - 1))
    return distance.std(axis=1, ddof=1)


@per_run(at_least=2)
def variance(curves: Curves) -> PerRun:
    """Variance over time about the run's own mean, T-1 in the denominator; unit squared.

    For a run with lag-1 autocorrelation φ it falls short of the process's variance by a
    share of about 2φ/((1-φ)T): use long windows against closed forms.
    """
    return curves.var(axis=1, ddof=1)


@per_run(at_least=2)
def rise_fraction(curves: Curves) -> PerRun:
    """Share of the times at which the next value is higher.

    0 for a noise-free descent, ½ for white noise.
    """
    return np.mean(curves[:, 1:] > curves[:, :-1], axis=1)


@per_run(at_least=1)
def drawup(curves: Curves, of_quality: bool = False) -> PerRun:
    """Largest setback: max_t (x_t - min_{u<=t} x_u), at least 0.

    Args:
        curves: [run, time].
        of_quality: higher is better, so that a setback is a fall,
            max_t (max_{u<=t} x_u - x_t).
    """
    cost = -curves if of_quality else curves
    return np.max(cost - np.minimum.accumulate(cost, axis=1), axis=1)


@per_run(at_least=3)
def reversal_fraction(curves: Curves) -> PerRun:
    """Share of interior times that are strict local extremes.

    Smooth 0, white noise ⅔, period 2 gives 1. A plateau holds no extreme.
    """
    step = np.sign(np.diff(curves, axis=1))
    return np.mean(step[:, 1:] * step[:, :-1] < 0, axis=1)


@per_run(at_least=4)
def von_neumann(curves: Curves) -> PerRun:
    """Mean squared successive difference over variance, after linear detrending.

    The variance has T in its denominator, so that a pure period 2 gives 4 (within 3/T² for
    the line); white noise then gives 2 + about 4/T, AR(1) 2(1-φ) plus a like term. NaN for
    a straight line.
    Von Neumann (1941), Distribution of the ratio of the mean square successive difference
    to the variance, Annals of Mathematical Statistics 12.
    """
    residuals = detrended(curves)
    ratio = np.full(len(curves), np.nan)
    some = ~flat(curves, residuals)
    change = np.mean(np.diff(residuals[some], axis=1) ** 2, axis=1)
    ratio[some] = change / np.mean(residuals[some] ** 2, axis=1)
    return ratio


@per_run(at_least=3)
def autocorrelation(curves: Curves, lag: int = 1) -> PerRun:
    """Σ x̃_t x̃_{t+lag} / Σ x̃_t², x̃ = x - mean over time; NaN for a constant run.

    A trend counts as correlation here; `von_neumann` looks at what remains without it.
    """
    centred = curves - curves.mean(axis=1, keepdims=True)
    result = np.full(len(curves), np.nan)
    some = ~flat(curves, centred)
    if lag < curves.shape[1]:
        kept = centred[some]
        product = np.sum(kept[:, lag:] * kept[:, :-lag], axis=1)
        result[some] = product / np.sum(kept**2, axis=1)
    return result


def robust_sd(curves: Kept) -> PerRun:
    """1.4826 times the median absolute deviation over time: the SD of Gaussian values."""
    centre = np.median(curves, axis=1, keepdims=True)
    return 1.4826 * np.median(np.abs(curves - centre), axis=1)


@per_run(at_least=3)
def spike_rate(curves: Curves, of_quality: bool = False) -> PerRun:
    """Share of interior times whose e_t (see `jitter`) is above 5 robust SDs of e.

    Robust SD: 1.4826 times the median absolute deviation. Only excursions to the worse
    count: upwards, or downwards if `of_quality`. What single precision cannot resolve is
    no spike.
    """
    excess = _excess(-curves if of_quality else curves)
    robust = robust_sd(excess)[:, None]
    resolution = 4 * SINGLE * np.abs(curves).max(axis=1, keepdims=True)
    return np.mean(excess > np.maximum(5 * robust, resolution), axis=1)
