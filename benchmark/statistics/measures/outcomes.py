"""What became of a run: did it diverge or spike, and when did it arrive?"""

import math
from abc import abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from jaxtyping import Bool, Float

from benchmark.declare.curves import Curves, PerRun, as_curves, detrended, robust_sd
from benchmark.declare.measure import Measure
from benchmark.declare.series import SeriesName

DIVERGED, SPIKED = 2.0, 10.0
"""The multiple of its start that a diverged run ends above, and that a spike exceeds."""

FLUCTUATIONS = 5.0
"""Robust SDs by which a diverged run ends above its start; as many make a spike's rate."""


@dataclass(frozen=True)
class Event(Measure):
    """Base of measures that say of a run whether something happened to it: 1 or 0.

    It happened to every run that is non-finite at any time; of the others `happened` tells.
    A run's start is ``initial_<name>`` [run] where that is recorded, else the first value.
    Where the start is 0, which cannot be multiplied, the mean of the first quarter stands in.
    """

    of: str = "train_loss"

    short, unit = "share", "of runs"
    bounds, rare, whole_run, takes_diverged = (0.0, 1.0), True, True, True

    @abstractmethod
    def happened(self, start: PerRun, trained: Curves) -> Bool[np.ndarray, "run"]:
        """Whether it did, in each of some finite runs.

        Args:
            start: value before training.
            trained: values after it, [run, time]; one or more.
        """

    def read(self, series: Mapping[str, Any]) -> tuple[Curves, ...]:
        """The whole run, and its start [run, 1] where that is recorded."""
        curves = super().read(series)
        start = series.get(str(SeriesName(self.of, look="initial")))
        return curves if start is None else (*curves, as_curves(start)[:, :1])

    def values(self, curves: Curves, start: Float[np.ndarray, "run 1"] | None = None) -> PerRun:
        """1.0 where it happened, else 0.0.

        Args:
            curves: loss at the end of each epoch, [run, time]; whole runs.
            start: loss before training; without it the first value stands in.
        """
        first, trained = (
            (curves[:, 0], curves[:, 1:]) if start is None else (start[:, 0], curves)
        )
        finite = np.isfinite(first) & np.isfinite(trained).all(axis=1)
        result = np.ones(len(curves))
        if trained.shape[1]:
            first, trained = first[finite], trained[finite]
            early = trained[:, : _quarter(trained)].mean(axis=1)
            result[finite] = self.happened(np.where(first == 0, early, first), trained)
        else:
            result[finite] = 0.0
        return result


class Diverged(Event):
    """1 for a run whose loss became non-finite, or ends far above where it began.

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

    >>> Diverged().evaluate({"train_loss": [[2.0, 9.0, 1.0], [2.0, 8.0, 9.0]]})
    array([0., 1.])
    """

    says = "how many runs diverge"

    def happened(self, start: PerRun, trained: Curves) -> Bool[np.ndarray, "run"]:
        """Whether a run ends far above its start."""
        quarter = _quarter(trained)
        before = trained[:, quarter : trained.shape[1] - quarter]
        spread = robust_sd(detrended(before)) if before.shape[1] else np.zeros(len(trained))
        end = np.minimum(trained[:, -quarter:].mean(axis=1), trained[:, -1])
        far = np.maximum((DIVERGED - 1) * np.abs(start), FLUCTUATIONS * spread)
        return end - start > far


class Spiked(Event):
    """1 for a run whose loss became non-finite or ever exceeded ten times the initial one.

    It may have come back since; `Diverged` says whether it has. A run that starts by chance
    far below its noise floor counts, too: against a curve's own noise spikes are measured by
    `SpikeRate`.
    """

    says = "how many runs spike"

    def happened(self, start: PerRun, trained: Curves) -> Bool[np.ndarray, "run"]:
        """Whether a run is ever far above its start."""
        return trained.max(axis=1) - start > (SPIKED - 1) * np.abs(start)


def _quarter(curves: Curves) -> int:
    """A quarter of the times, at least one."""
    return math.ceil(curves.shape[1] / 4)


@dataclass(frozen=True)
class StepsTo(Measure):
    """Epochs made (steps, for a step series) when the series is first below a level.

    The first recorded point is that of the untrained network and counts as 0. NaN
    for a run that never is. A run that diverges later did arrive.

    >>> StepsTo("train_loss", below=1.0).evaluate({"train_loss": [[3.0, 1.5, 0.5, 0.7]]})
    array([2.])
    """

    below: float

    says, short, unit = "time until the {of} is below {below:g}", "time", "{time}"
    positive, smallest, whole_run, takes_diverged = True, 0.5, True, True

    def read(self, series: Mapping[str, Any]) -> tuple[Curves, ...]:
        """All times, also those at which nothing is recorded: they are counted."""
        super().read(series)
        return (as_curves(series[self.series[0]]),)

    def values(self, curves: Curves) -> PerRun:
        """Number of the first time at which the curve is below the level."""
        reached = curves < self.below
        first = reached.argmax(axis=1).astype(np.float64)
        first[~reached.any(axis=1)] = np.nan
        return first
