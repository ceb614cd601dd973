"""What became of a run: did it diverge, when did it arrive, how far apart are two curves?"""

import numpy as np

from benchmark.statistics.curves import Curves, PerRun
from benchmark.statistics.fluctuation import level

DIVERGENCE_FACTOR = 10.0


def diverged(curves: Curves, initial: PerRun | None = None) -> PerRun:
    """1.0 for a run that is non-finite, or above ten times its initial loss, at any time.

    Args:
        curves: loss at the end of each epoch, [run, time]; whole runs.
        initial: loss before training; without it the first recorded value stands in.
    """
    start = curves[:, 0] if initial is None else initial
    with np.errstate(invalid="ignore", over="ignore"):
        above = (curves > DIVERGENCE_FACTOR * start[:, None]).any(axis=1)
    return np.asarray(above | ~np.isfinite(curves).all(axis=1), dtype=np.float64)


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
    return level(reported - at_end)


def generalisation_gap(validation: Curves, train: Curves) -> PerRun:
    """Mean over time of validation minus training loss."""
    return level(validation - train)
