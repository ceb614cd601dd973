"""The table of a scenario: every measure of every condition, with its interval."""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from benchmark.declare.errors import UserError
from benchmark.declare.measures import Diverged, Measure, OverRuns, Spiked
from benchmark.statistics.intervals import LEVEL, interval
from benchmark.statistics.selection import ConditionResult
from benchmark.statistics.student import unseen_ends

# Rows of resamples held at once: bounds memory, about 20 MB per thousand rows.
ROWS = 1000


def summarise(
    results: Sequence[ConditionResult], measures: Sequence[Measure]
) -> list[dict[str, Any]]:
    """Measures of every condition, over its runs.

    Args:
        results: the conditions.
        measures: what is reported; a condition without the series leaves it out.

    Returns:
        One mapping per condition, plain enough for JSON: ``id``, ``settings``, ``runs``,
        ``diverged`` and ``spiked`` (number of runs, None if it is not known) and
        ``measures``: name -> ``mean`` (the summary that ``over_runs`` names), ``low``,
        ``high`` (95 % interval) and ``runs`` (with a value). Numbers that do not exist
        are None.
    """
    values: dict[tuple[int, str], np.ndarray] = {}
    groups: dict[tuple[int, OverRuns], list[tuple[int, str]]] = {}
    ranges = {measure.name: measure.range for measure in measures}
    for index, result in enumerate(results):
        for measure in measures:
            if not set(measure.series) <= set(result.series):
                continue
            place = (index, measure.name)
            values[place] = result.measured(measure)
            groups.setdefault((result.runs, measure.summary), []).append(place)
    cells: dict[tuple[int, str], dict[str, float | int | str | None]] = {}
    for (_, over_runs), places in groups.items():
        for start in range(0, len(places), ROWS):
            some = places[start : start + ROWS]
            ends = interval(np.stack([values[place] for place in some]), over_runs)
            for place, mean, low, high in zip(some, *ends, strict=True):
                runs, bounds = int(np.isfinite(values[place]).sum()), ranges[place[1]]
                if low == high and bounds is not None and not results[place[0]].deterministic:
                    low, high = unseen_ends(mean, runs, bounds, LEVEL)
                cells[place] = {
                    "mean": _known(mean),
                    "low": _known(low),
                    "high": _known(high),
                    "runs": runs,
                    "over_runs": over_runs,
                }
    return [
        {
            "id": result.id,
            "settings": dict(result.settings),
            "runs": result.runs,
            "diverged": _count(result, Diverged()),
            "spiked": _count(result, Spiked()),
            "measures": {
                measure.name: cells[index, measure.name]
                for measure in measures
                if (index, measure.name) in cells
            },
        }
        for index, result in enumerate(results)
    ]


def _count(result: ConditionResult, event: Measure) -> int | None:
    try:
        return int(result.measured(event).sum())
    except UserError:
        return None


def _known(value: float) -> float | None:
    return float(value) if math.isfinite(value) else None
