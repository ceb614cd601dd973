"""Periodicity: which period dominates a curve, and is it more than noise would show?

The periodogram includes the Nyquist frequency. Textbook tests (Fisher's g) leave it out
for even lengths, which is exactly where a curve that alternates every epoch lives.
"""

import functools

import numpy as np
from jaxtyping import Float

from benchmark.declare.curves import Curves, Kept, PerRun, detrended, flat
from benchmark.declare.measure import Measure

SHORTEST = 6
NULL_CURVES = 1999
# Points of all null curves together: long series get fewer curves, a coarser p-value.
NULL_POINTS = 4_000_000
NULL_SEED = 20_150_917


class DominantPeriod(Measure):
    """Period of the periodogram's highest peak, in recorded points, from 2 to the length.

    NaN for a straight line.

    >>> DominantPeriod("train_loss").of_curves([[0.0, 1.0, 0.0, 1.0, 0.0, 1.0]])
    array([2.])
    """

    says, short, unit = "dominant period of the {of}", "period", "{time}"
    positive, smallest, is_shape, shortest = True, 0.5, True, SHORTEST

    def values(self, curves: Curves) -> PerRun:
        """Length of the even curve over the number of the strongest frequency."""
        residuals, some = _residuals(curves)
        period = np.full(len(curves), np.nan)
        power = _periodogram(residuals[some])
        period[some] = residuals.shape[1] / (1 + np.argmax(power, axis=1))
        return period


class PeriodicityP(Measure):
    """p-value of the highest peak's share of the power against white noise.

    Monte Carlo: 1,999 white-noise curves of the same length (fewer, at least 99, beyond
    2,000 points) through the same pipeline, drawn once per length from a fixed seed. NaN
    for a straight line.
    """

    says, short = "periodicity of the {of}", "p-value"
    bounds, is_shape, shortest = (0.0, 1.0), True, SHORTEST

    def values(self, curves: Curves) -> PerRun:
        """Share of the white-noise curves whose peak is as high, counting the curve itself."""
        residuals, some = _residuals(curves)
        p = np.full(len(curves), np.nan)
        null = _null_shares(residuals.shape[1])
        peaks = _peak_share(residuals[some])
        at_least_as_high = len(null) - np.searchsorted(null, peaks, "left")
        p[some] = (1 + at_least_as_high) / (1 + len(null))
        return p


def _residuals(curves: Curves) -> tuple[Kept, np.ndarray]:
    """Detrended curves of even length, and which of them are not flat."""
    # An odd length has no Nyquist frequency: its first point is dropped.
    even = curves[:, curves.shape[1] % 2 :]
    residuals = detrended(even)
    return residuals, ~flat(even, residuals)


def _periodogram(residuals: Curves) -> Float[np.ndarray, "run frequency"]:
    """Power at the frequencies 1/T, 2/T, …, ½ of prewhitened residuals.

    Each value is the variance that a sinusoid of this frequency explains, hence twice
    |X|² except at Nyquist: so white noise peaks there about as often as elsewhere.
    """
    length = residuals.shape[1]
    power = np.abs(np.fft.rfft(residuals, axis=1)[:, 1:]) ** 2
    power[:, :-1] *= 2
    # Division by an AR(1) spectrum keeps slow wandering from passing as a long period.
    # Only for positive correlation: for a negative one that spectrum *is* a peak at
    # period 2, and dividing by it would erase the alternation we look for.
    correlation = np.sum(residuals[:, 1:] * residuals[:, :-1], axis=1)
    phi = np.clip(correlation / np.sum(residuals**2, axis=1), 0.0, None)[:, None]
    cosine = np.cos(2 * np.pi * np.arange(1, length // 2 + 1) / length)
    return power * (1 + phi**2 - 2 * phi * cosine)


def _peak_share(residuals: Curves) -> PerRun:
    power = _periodogram(residuals)
    return power.max(axis=1) / power.sum(axis=1)


@functools.lru_cache(maxsize=64)
def _null_shares(length: int) -> Float[np.ndarray, "curve"]:
    """Sorted peak shares of white-noise curves of an even length."""
    generator = np.random.default_rng((NULL_SEED, length))
    rows = max(1, 500_000 // length)  # a few megabytes at a time
    curves = min(NULL_CURVES, max(99, NULL_POINTS // length))
    counts = [min(rows, curves - done) for done in range(0, curves, rows)]
    noises = (generator.standard_normal((count, length)) for count in counts)
    return np.sort(np.concatenate([_peak_share(detrended(noise)) for noise in noises]))
