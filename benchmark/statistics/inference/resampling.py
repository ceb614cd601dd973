"""Resampling runs: the same seeds are drawn, or left out, in every condition.

All summaries over runs are weighted ones, so the estimate, the jackknife and the
bootstrap are rows of one matrix of weights, the same for every condition. A statistic
that compares conditions is then paired by seed without further ado.
"""

import functools
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from jaxtyping import Float

from benchmark.declare.measure import OverRuns

RESAMPLES = 2000
# The jackknife only estimates a skewness: with more runs than this it leaves out groups.
JACKKNIFE_GROUPS = 256
SEED = 19_870_301


@dataclass(frozen=True)
class Draws:
    """A statistic's estimate, its jackknife values and its bootstrap replicates.

    Attributes:
        values: [..., draw]: the estimate, then one value per jackknife group, then one
            per resample. NaN where the statistic is not defined.
        groups: number of jackknife groups.
        runs: number of (finite) runs behind the statistic.
    """

    values: Float[np.ndarray, "*batch draw"]
    groups: int
    runs: Any

    @property
    def estimate(self) -> np.ndarray:
        """[...]"""
        return self.values[..., 0]

    @property
    def jackknife(self) -> np.ndarray:
        """[..., group]"""
        return self.values[..., 1 : 1 + self.groups]

    @property
    def resamples(self) -> np.ndarray:
        """[..., resample]"""
        return self.values[..., 1 + self.groups :]

    def map(self, statistic: Callable[[np.ndarray], np.ndarray], rows: Any = ...) -> "Draws":
        """A statistic of the summaries `rows`, computed alike in every draw.

        Args:
            statistic: [condition, draw] -> [..., draw].
            rows: which conditions it is given.
        """
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            values = statistic(self.values[rows])
        return Draws(values, self.groups, int(np.min(np.asarray(self.runs)[rows])))


@functools.lru_cache(maxsize=2)
def run_weights(runs: int, resamples: int = RESAMPLES) -> Float[np.ndarray, "draw run"]:
    """Weight of every run in every draw: all once, each group left out, each resample."""
    groups = min(runs, JACKKNIFE_GROUPS)
    weights = np.ones((1 + groups + resamples, runs))
    weights[1 + np.arange(runs) * groups // runs, np.arange(runs)] = 0.0
    generator = np.random.default_rng((SEED, runs))
    for row in range(1 + groups, len(weights)):
        weights[row] = np.bincount(generator.integers(runs, size=runs), minlength=runs)
    weights.setflags(write=False)  # it is shared through the cache
    return weights


def summarise_runs(
    values: Float[np.ndarray, "*batch run"],
    over_runs: OverRuns = "mean",
    resamples: int = RESAMPLES,
) -> Draws:
    """Mean, geometric mean or SD over the finite runs, with jackknife and bootstrap.

    The geometric mean is NaN if a finite value is not positive. A draw without enough
    finite runs (one, for the SD two) is NaN.

    Args:
        values: [..., run], aligned by seed over everything before.
        over_runs: the summary.
        resamples: number of bootstrap replicates.
    """
    values = np.asarray(values, dtype=np.float64)
    runs = values.shape[-1]
    finite = np.isfinite(values)
    weights = run_weights(runs, resamples).T
    if over_runs == "geometric_mean":
        bad = (finite & (values <= 0)).any(axis=-1, keepdims=True)
        values = np.log(values, out=np.zeros(values.shape), where=finite & (values > 0))
        finite = finite & ~bad
    # Relative to a run's value: identical runs then have exactly no variance.
    if finite.all():
        first = values[..., :1]
        centred, count = values - first, weights.sum(axis=0)
    else:
        first = np.take_along_axis(values, finite.argmax(axis=-1)[..., None], axis=-1)
        first = np.where(finite.any(axis=-1, keepdims=True), first, 0.0)
        centred, count = np.where(finite, values, first) - first, finite @ weights
    with np.errstate(divide="ignore", invalid="ignore"):
        mean = (centred @ weights) / count
        if over_runs == "sd":
            square = (centred**2 @ weights) / count - mean**2
            spread = np.sqrt(np.maximum(square, 0.0) * (count / (count - 1)))
            summary = np.where(count > 1, spread, np.nan)
        else:
            summary = mean + first
    if over_runs == "geometric_mean":
        summary = np.exp(summary)
    return Draws(summary, min(runs, JACKKNIFE_GROUPS), finite.sum(axis=-1))


def logarithms(
    values: Float[np.ndarray, "*batch run"],
) -> Float[np.ndarray, "*batch run"]:
    """Of positive values; NaN where a value is not positive, or not finite."""
    known = np.isfinite(values) & (values > 0)
    return np.log(values, out=np.full(values.shape, np.nan), where=known)
