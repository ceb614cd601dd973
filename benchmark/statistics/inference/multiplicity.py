"""Several claims or intervals at once: Holm's correction, and Bonferroni's."""

import numpy as np
from jaxtyping import Float

from benchmark.statistics.inference.intervals import LEVEL

FAMILY_WISE = 0.05
"""Chance of any false decision among the claims, or rows, that are corrected together."""


def holm(p: Float[np.ndarray, "claim"]) -> Float[np.ndarray, "claim"]:
    """Holm's step-down adjusted p-values (1979, Scandinavian Journal of Statistics 6)."""
    order = np.argsort(p, kind="stable")
    steps = np.maximum.accumulate(p[order] * np.arange(len(p), 0, -1))
    adjusted = np.empty(len(p))
    adjusted[order] = np.minimum(steps, 1.0)
    return adjusted


def bonferroni(runs: int, intervals: int) -> float:
    """Standard errors that a mean's interval reaches to either side, one of several.

    Student's t of so many runs, at a level at which all of the intervals hold together with
    the usual `LEVEL`: so far out in the tails a bootstrap of few runs covers less than it says.
    """
    from scipy.special import stdtrit

    return -float(stdtrit(runs - 1, (1 - LEVEL) / (2 * intervals)))
