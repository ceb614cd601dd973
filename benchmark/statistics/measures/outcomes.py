"""What became of a run: did it diverge or spike, when did it arrive, how far is it off?"""

import math
from collections.abc import Callable

import numpy as np

from benchmark.declare.curves import Curves, PerRun, detrended
from benchmark.statistics.measures.fluctuation import level, robust_sd

DIVERGED, SPIKED = 2.0, 10.0
"""The multiple of its start that a diverged run ends above, and that a spike exceeds."""

FLUCTUATIONS = 5.0
"""Robust SDs by which a diverged run ends above its start; as many make a spike's rate."""


def diverged(curves: Curves, initial: PerRun | None = None) -> PerRun:
    """1.0 for a run that is non-finite at any time, or ends far above its start.

    It does if both its last value and the mean of its last quarter exceed twice the start,
    and exceed the start by five robust SDs of the half of the run before that quarter
    about its straight line.

    Why so? A run that came back, from a spike, a catapult or the transient growth of
    momentum, has not diverged: its end decides. A stationary run may have started below its
    noise floor, by chance or at the minimum itself: a multiple of the start means nothing
    where the floor fluctuates as much, and an excess of many SDs nothing where it hardly
    fluctuates. What fluctuates is looked at before the last quarter and without its trend,
    as growth is no fluctuation. A start of 0 cannot be undercut, nor multiplied: the mean of
    the first quarter stands in for it, so that such a run must go on growing. A run too
    short to have fluctuated is judged by the multiple alone.

    Stationary runs that last several of their relaxation times are wrongly called diverged
    in about 1 % of cases, one whose loss grows exponentially is called so from about a
    factor of three.

    Args:
        curves: loss at the end of each epoch, [run, time]; whole runs.
        initial: loss before training; without it the first recorded value stands in.
    """
    return _unless_finite(_ends_above, curves, initial)


def spiked(curves: Curves, initial: PerRun | None = None) -> PerRun:
    """1.0 for a run that is non-finite, or above ten times its start, at any time.

    It may have come back since; `diverged` says whether it has. The mean of the first
    quarter stands in for a start of 0. A run that starts by chance far below its noise floor
    counts, too: against a curve's own noise spikes are measured by `spike_rate`.

    Args:
        curves: loss at the end of each epoch, [run, time]; whole runs.
        initial: loss before training; without it the first recorded value stands in.
    """
    return _unless_finite(_rises_above, curves, initial)


def _unless_finite(
    event: Callable[[PerRun, Curves], np.ndarray], curves: Curves, initial: PerRun | None
) -> PerRun:
    """`event` of start and curve after it, 1.0 or 0.0 per run; 1.0 for non-finite runs."""
    start, trained = (curves[:, 0], curves[:, 1:]) if initial is None else (initial, curves)
    finite = np.isfinite(start) & np.isfinite(trained).all(axis=1)
    happened = np.ones(len(curves))
    if trained.shape[1]:
        start, trained = start[finite], trained[finite]
        early = trained[:, : _quarter(trained)].mean(axis=1)
        happened[finite] = event(np.where(start == 0, early, start), trained)
    else:
        happened[finite] = 0.0
    return happened


def _ends_above(start: PerRun, trained: Curves) -> np.ndarray:
    quarter = _quarter(trained)
    before = trained[:, quarter : trained.shape[1] - quarter]
    spread = robust_sd(detrended(before)) if before.shape[1] else np.zeros(len(trained))
    end = np.minimum(trained[:, -quarter:].mean(axis=1), trained[:, -1])
    return end - start > np.maximum((DIVERGED - 1) * np.abs(start), FLUCTUATIONS * spread)


def _rises_above(start: PerRun, trained: Curves) -> np.ndarray:
    return trained.max(axis=1) - start > (SPIKED - 1) * np.abs(start)


def _quarter(curves: Curves) -> int:
    """A quarter of the times, at least one."""
    return math.ceil(curves.shape[1] / 4)


def steps_to(curves: Curves, below: float) -> PerRun:
    """How many epochs (or steps) were made when the curve is first below a level.

    The first recorded point is that of the untrained network and counts as 0. NaN
    for a run that never is. A run that diverges later did arrive.
    """
    reached = curves < below
    first = reached.argmax(axis=1).astype(np.float64)
    first[~reached.any(axis=1)] = np.nan
    return first


def evaluation_gap(reported: Curves, at_end: Curves) -> PerRun:
    """Mean over time of a metric as reported during the epoch minus the same at its end."""
    return level(_difference(reported, at_end))


def generalisation_gap(validation: Curves, train: Curves) -> PerRun:
    """Mean over time of validation minus training loss."""
    return level(_difference(validation, train))


def _difference(first: Curves, second: Curves) -> Curves:
    with np.errstate(invalid="ignore"):  # ∞ − ∞ of a diverged run, which gives NaN
        return first - second
