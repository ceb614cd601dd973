"""Curves of known noise."""

import math

import numpy as np

from benchmark.declare.measure import Measure


def measured(measure: type[Measure], curves: np.ndarray) -> np.ndarray:
    """A measure without settings, of curves [run, time]."""
    return measure("x").of_curves(curves)


WHITE = np.random.default_rng(2).standard_normal((4000, 30))


def ar1(phi: float, runs: int, times: int) -> np.ndarray:
    noise = np.random.default_rng(3).standard_normal((runs, times))
    curves = np.empty_like(noise)
    curves[:, 0] = noise[:, 0] / math.sqrt(1 - phi**2)
    for t in range(1, times):
        curves[:, t] = phi * curves[:, t - 1] + noise[:, t]
    return curves
