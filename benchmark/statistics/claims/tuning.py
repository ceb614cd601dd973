"""Comparisons at tuned settings: choose the best level on half of the runs, judge the rest."""

from collections.abc import Sequence

import numpy as np

from benchmark.declare.claims import Claim
from benchmark.declare.measure import Measure
from benchmark.statistics.selection import ConditionResult, Unanswerable, select, strata


def tuned(claim: Claim, results: Sequence[ConditionResult]) -> list[ConditionResult]:
    """The conditions a claim speaks of, each other setting at its best tuned level.

    The even runs choose the level with the lowest mean of the tuning measure (runs without
    a value, such as diverged ones, disqualify a level); the odd runs are kept for judging,
    as the chosen level's choosing runs are better than it is.

    Raises:
        Unanswerable: no condition is selected, or there are too few runs to split.
    """
    chosen = select(results, claim.where)
    if min(result.runs for result in chosen) < 4:
        raise Unanswerable("tuning needs at least 4 runs per condition")
    for path, measure in claim.tune.items():
        groups = strata(chosen, along=[path])
        chosen = [min((chosen[i] for i in g), key=lambda r: _cost(r, measure)) for g in groups]
    return [_part(result, 1) for result in chosen]


def _cost(result: ConditionResult, measure: Measure) -> float:
    mean = float(np.mean(_part(result, 0).measured(measure)))
    return mean if np.isfinite(mean) else np.inf


def _part(result: ConditionResult, first: int) -> ConditionResult:
    """Every second run, from run `first` on."""
    return result.part(slice(first, None, 2))
