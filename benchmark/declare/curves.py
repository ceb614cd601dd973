"""Curves as arrays [run, time], and what to do with runs and times that are missing."""

import math
from collections.abc import Sequence
from typing import Any, TypeAlias

import numpy as np
from jaxtyping import Float

Curves: TypeAlias = Float[np.ndarray, "run time"]
PerRun: TypeAlias = Float[np.ndarray, "run"]
Kept: TypeAlias = Float[np.ndarray, "run kept"]
"""Curves that have lost some of their times."""

SINGLE = float(np.finfo(np.float32).eps)
"""Rounding of single precision, in which curves are recorded."""


def as_curves(series: Any) -> Curves:
    """Any recorded series as [run, time] in double precision.

    Args:
        series: [run, epoch], or [run, epoch, step] (flattened in time), or [run] (one
            value per run, a curve of length 1).
    """
    values = np.asarray(series, dtype=np.float64)
    return values.reshape(len(values), math.prod(values.shape[1:]))


def windowed(curves: Curves, window: tuple[float, float]) -> Kept:
    """The times from share `window[0]` to share `window[1]` of the run.

    A time belongs to the window if any part of it does, so a window is never empty.
    """
    times = curves.shape[1]
    # Rounded first: 0.3 * 10 is a hair above 3 and would take one time too many.
    first = math.floor(round(window[0] * times, 9))
    last = math.ceil(round(window[1] * times, 9))
    return curves[:, first:last]


def recorded(curves: Curves) -> Kept:
    """Without the times at which nothing was recorded (NaN in every run).

    Probes are recorded every k epochs and leave NaN in between. A stretch without any
    value at the end is different: if it is longer than the recording rhythm explains, all
    runs have diverged, and one NaN is kept so that every measure says so.
    """
    present = np.flatnonzero(~np.isnan(curves).all(axis=0))
    if not len(present):
        return curves[:, :1]
    rhythm = np.diff(present, prepend=-1).max()
    silence = curves.shape[1] - 1 - present[-1]
    if silence >= rhythm:
        present = np.append(present, curves.shape[1] - 1)
    return curves if len(present) == curves.shape[1] else curves[:, present]


def recorded_jointly(curves: Sequence[Curves]) -> tuple[Kept, ...]:
    """Series of one shape without the times at which any has no value in any run."""
    absent = np.any([np.isnan(each).all(axis=0) for each in curves], axis=0)
    if absent.any():
        curves = [np.where(absent, np.nan, each) for each in curves]
    return tuple(map(recorded, curves))


def detrended(curves: Curves) -> Curves:
    """Residuals from each run's least-squares line in time."""
    time = np.arange(curves.shape[1]) - (curves.shape[1] - 1) / 2
    level = curves.mean(axis=1, keepdims=True)
    slope = (curves - level) @ time / max(time @ time, 1.0)
    return curves - level - slope[:, None] * time


def flat(curves: Curves, residuals: Curves) -> np.ndarray:
    """Whether each run's residuals are nothing but the rounding of its values, bool [run]."""
    return np.abs(residuals).max(axis=1) <= 1e-12 * np.abs(curves).max(axis=1)


def robust_sd(curves: Curves) -> PerRun:
    """1.4826 times the median absolute deviation over time: the SD of Gaussian values."""
    centre = np.median(curves, axis=1, keepdims=True)
    return 1.4826 * np.median(np.abs(curves - centre), axis=1)
