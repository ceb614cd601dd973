"""Measures of all conditions, computed once, and their summaries over common runs."""

from collections.abc import Callable, Sequence

import numpy as np

from benchmark.declare.errors import UserError
from benchmark.declare.measures import Measure
from benchmark.statistics.curves import PerRun
from benchmark.statistics.resampling import Draws, summarise_runs
from benchmark.statistics.selection import ConditionResult, Unanswerable, dose

# A condition in which fewer than this share of the runs has a value says nothing.
ENOUGH = 0.5


class Table:
    """Values of measures by condition."""

    def __init__(self, results: Sequence[ConditionResult]) -> None:
        self.results = results
        self._known: dict[tuple[int, Measure], PerRun] = {}

    def values(self, result: ConditionResult, measure: Measure) -> PerRun:
        """The measure in every run of the condition, [run]."""
        key = (id(result), measure)
        if key not in self._known:
            try:
                self._known[key] = result.measured(measure)
            except UserError as error:
                # What is recorded can depend on overrides: then one verdict is missing,
                # not the whole table of verdicts.
                raise Unanswerable(str(error)) from error
        return self._known[key]

    def draws(self, conditions: Sequence[ConditionResult], measure: Measure) -> Draws:
        """Summaries over the first runs, common to the conditions; values [condition, draw].

        NaN for a condition in which most runs have no value: what the surviving runs say
        is not what the condition does.

        Raises:
            Unanswerable: a series is missing or there is only one common run.
        """
        values = [self.values(result, measure) for result in conditions]
        common = min(len(each) for each in values)
        if common < 2:
            raise Unanswerable("one run per condition cannot tell noise from effect")
        stacked = np.stack([each[:common] for each in values])
        stacked[np.isfinite(stacked).mean(axis=1) < ENOUGH] = np.nan
        return summarise_runs(stacked, measure.over_runs)


def row(
    draws: Draws, index: int, statistic: Callable[[np.ndarray], np.ndarray] = lambda y: y
) -> Draws:
    """A statistic, [draw] -> [draw], of one condition's summaries."""
    return draws.map(lambda y: statistic(y[0]), rows=[index])


def doses(conditions: Sequence[ConditionResult], axis: str) -> np.ndarray:
    """Positions of the conditions on an axis, [condition].

    Raises:
        Unanswerable: fewer than two doses are there.
        UserError: the axis does not hold numbers.
    """
    if not all(axis in result.settings for result in conditions):
        raise Unanswerable(f"not every condition has the setting {axis}")
    found = np.array([dose(result, axis) for result in conditions])
    if len(set(found)) < 2:
        raise Unanswerable(f"two doses of {axis} are needed, but there is only {found[0]:g}")
    return found


def vanishes(summaries: np.ndarray) -> bool:
    """Whether any summary changes its sign between draws, so that no ratio to it holds.

    Args:
        summaries: [condition, draw]; NaN is ignored.
    """
    known = ~np.isnan(summaries)
    positive = ((summaries > 0) | ~known).all(axis=-1)
    negative = ((summaries < 0) | ~known).all(axis=-1)
    return not (positive | negative).all()


def region(what: str, low: float | None, high: float | None) -> str:
    """The region in words."""
    if low is None:
        return f"{what} at most {high:.4g}"
    if high is None:
        return f"{what} at least {low:.4g}"
    return f"{what} in [{low:.4g}, {high:.4g}]"
