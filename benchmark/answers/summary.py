"""The table of a scenario: every measure of every condition, with its interval."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from benchmark.declare.curves import PerRun
from benchmark.declare.designs import SOURCE
from benchmark.declare.errors import UserError
from benchmark.declare.measure import Measure, OverRuns
from benchmark.statistics.claims.summaries import judged_values
from benchmark.statistics.inference.intervals import Interval, interval
from benchmark.statistics.inference.statistic import OPEN, Mean, OfShares
from benchmark.statistics.measures import Diverged, Spiked
from benchmark.statistics.selection import ConditionResult

# Rows of resamples held at once: bounds memory, about 20 MB per thousand rows.
ROWS = 1000


@dataclass(frozen=True)
class Summary:
    """A measure of one condition over its runs.

    Attributes:
        number: the summary with its 95 % interval; None for what does not exist.
        runs: how many have a value.
        over_runs: which summary it is.
    """

    number: Interval[float | None]
    runs: int
    over_runs: OverRuns

    def as_json(self) -> dict[str, Any]:
        """Plain data."""
        return self.number.named("mean") | {"runs": self.runs, "over_runs": self.over_runs}


@dataclass(frozen=True)
class ConditionSummary:
    """The measures of one condition.

    Attributes:
        id: of the condition.
        settings: dotted path -> scalar.
        runs: how many there are.
        diverged, spiked: how many of them did; None if that is not known.
        measures: name -> summary.
    """

    id: str
    settings: Mapping[str, Any]
    runs: int
    diverged: int | None
    spiked: int | None
    measures: Mapping[str, Summary]

    @property
    def is_crossed(self) -> bool:
        """Whether it is one of the conditions of crossed sources of randomness."""
        return any(path.startswith(SOURCE) for path in self.settings)

    def as_json(self) -> dict[str, Any]:
        """Plain data."""
        measures = {name: summary.as_json() for name, summary in self.measures.items()}
        return vars(self) | {"settings": dict(self.settings), "measures": measures}


def summarise(
    results: Sequence[ConditionResult], measures: Sequence[Measure]
) -> list[ConditionSummary]:
    """Measures of every condition, over its runs.

    Args:
        results: the conditions.
        measures: what is reported; a condition without the series leaves it out.

    Returns:
        One row per condition.
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
    summaries: dict[tuple[int, str], Summary] = {}
    for (_, over_runs), places in groups.items():
        for start in range(0, len(places), ROWS):
            some = places[start : start + ROWS]
            ends = interval(np.stack([values[place] for place in some]), over_runs)
            for place, *numbers in zip(some, *map(np.ndarray.tolist, ends), strict=True):
                known = values[place][np.isfinite(values[place])]
                if over_runs == "mean" and not results[place[0]].deterministic:
                    numbers[1:] = _of_mean(known, by_name[place[1]])
                summaries[place] = Summary(Interval(*numbers).known(), len(known), over_runs)
    return [
        ConditionSummary(
            result.id,
            result.settings,
            result.runs,
            _count(result, Diverged()),
            _count(result, Spiked()),
            {
                measure.name: summaries[index, measure.name]
                for measure in measures
                if (index, measure.name) in summaries
            },
        )
        for index, result in enumerate(results)
    ]


def _of_mean(values: PerRun, measure: Measure) -> tuple[float, float]:
    """The interval of a mean over runs, as claims on it are judged."""
    bounds = measure.range or OPEN
    if np.isin(values, bounds).all():
        (least, most), one = bounds, np.ones(1)
        successes, runs = np.sum(values == most, keepdims=True) * 1.0, len(values) * one
        return OfShares(
            successes, runs, lambda x: least + (most - least) * x[0], one
        ).interval()
    mean = float(values.mean())
    return Mean(mean, values, len(values), bounds, rare=measure.rare).interval()


def _count(result: ConditionResult, event: Measure) -> int | None:
    try:
        return int(result.measured(event).sum())
    except UserError:
        return None
