"""The table of a scenario: every measure of every condition, with its interval."""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from benchmark.declare.errors import UserError
from benchmark.declare.measures import Diverged, Measure, OverRuns, Spiked
from benchmark.statistics.claims.summaries import judged_values
from benchmark.statistics.curves import PerRun
from benchmark.statistics.inference.evidence import OPEN, Mean, OfShares
from benchmark.statistics.inference.intervals import interval
from benchmark.statistics.selection import ConditionResult

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
    by_name = {measure.name: measure for measure in measures}
    for index, result in enumerate(results):
        for measure in measures:
            if not set(measure.series) <= set(result.series):
                continue
            place = (index, measure.name)
            values[place] = judged_values(result, measure)
            groups.setdefault((result.runs, measure.summary), []).append(place)
    cells: dict[tuple[int, str], dict[str, float | int | str | None]] = {}
    for (_, over_runs), places in groups.items():
        for start in range(0, len(places), ROWS):
            some = places[start : start + ROWS]
            ends = interval(np.stack([values[place] for place in some]), over_runs)
            for place, mean, low, high in zip(some, *ends, strict=True):
                known = values[place][np.isfinite(values[place])]
                if over_runs == "mean" and not results[place[0]].deterministic:
                    low, high = _of_mean(known, by_name[place[1]])
                cells[place] = {
                    "mean": _known(mean),
                    "low": _known(low),
                    "high": _known(high),
                    "runs": len(known),
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


def _of_mean(values: PerRun, measure: Measure) -> tuple[float, float]:
    """The interval of a mean over runs, as claims on it are judged."""
    bounds = measure.range or OPEN
    if np.isin(values, bounds).all():
        (least, most), one = bounds, np.ones(1)
        seen, runs = np.sum(values == most, keepdims=True) * 1.0, len(values) * one
        return OfShares(seen, runs, lambda x: least + (most - least) * x[0], one).interval()
    mean = float(values.mean())
    return Mean(mean, values, len(values), bounds, rare=measure.rare).interval()


def _count(result: ConditionResult, event: Measure) -> int | None:
    try:
        return int(result.measured(event).sum())
    except UserError:
        return None


def _known(value: float) -> float | None:
    return float(value) if math.isfinite(value) else None
