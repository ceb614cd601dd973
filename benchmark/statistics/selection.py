"""Which conditions a claim speaks about, and how other settings split them into strata."""

import math
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from typing import Any

import numpy as np

from benchmark.declare.curves import PerRun
from benchmark.declare.designs import ARM
from benchmark.declare.errors import UserError
from benchmark.declare.measure import Measure
from benchmark.statistics.resolution import resolution, resolved

Settings = Mapping[str, Any]

ENOUGH = 0.5
"""A condition in which fewer than this share of the runs has a value says nothing: what the
surviving runs say is not what the condition does."""


@dataclass(frozen=True, eq=False)  # arrays have no single equality
class ConditionResult:
    """One condition and the recorded series of its runs.

    Attributes:
        id: the condition's stable name.
        condition: the condition itself; what the theory of `Equals` is given.
        settings: dotted path -> scalar.
        series: name -> [run, …]; runs aligned by seed over all conditions.
        known: name of a measure -> [run], where it need not be computed.
        resolutions: the same of resolutions; a reference may lack them.
        sketched: the series that are good for drawing only: rounded, some of the runs.
    """

    id: str
    condition: Any
    settings: Settings
    series: Mapping[str, Any]
    known: Mapping[str, PerRun] = field(default_factory=dict)
    sketched: frozenset[str] = frozenset()
    resolutions: Mapping[str, PerRun] = field(default_factory=dict)

    @property
    def runs(self) -> int:
        """Number of runs, over which the recorded series agree."""
        whole = [values for name, values in self.series.items() if name not in self.sketched]
        return min(map(len, (*whole, *self.known.values())), default=0)

    @property
    def deterministic(self) -> bool:
        """Whether every source of randomness of the condition is pinned."""
        return bool(getattr(self.condition, "deterministic", False))

    def holds(self, measure: Measure) -> bool:
        """Whether `measured` has an answer."""
        there = set(measure.series) <= set(self.series) - self.sketched
        return there or measure.name in self.known

    def measured(self, measure: Measure) -> PerRun:
        """The measure's value in every run, [run].

        Raises:
            UserError: a series is not recorded, or is only sketched.
        """
        if measure.name in self.known:
            return np.asarray(self.known[measure.name])[: self.runs]
        for name in self.sketched.intersection(measure.series):
            raise UserError(
                f"The reference results hold no {measure.name}, and {name} there is good for "
                "drawing only: run the scenario, or make the reference anew."
            )
        return measure.evaluate(self.series)[: self.runs]

    def resolution(self, measure: Measure) -> PerRun | None:
        """How far rounding moves the measure in every run, [run]; None if that is not known.

        See `statistics.resolution`.
        """
        if measure.name in self.resolutions:
            return np.asarray(self.resolutions[measure.name])[: self.runs]
        if measure.name in self.known or self.sketched.intersection(measure.series):
            return None
        return resolution(measure, self.series)[: self.runs]

    def resolved(self, measure: Measure) -> PerRun:
        """As `measured`, for ratios and logarithms: no value is below what rounding resolves.

        NaN where the measure is nothing but rounding.
        """
        values, blur = self.measured(measure), self.resolution(measure)
        return values if blur is None else resolved(values, blur)

    def part(self, which: slice) -> "ConditionResult":
        """The same with some of the runs only."""
        series, known, resolutions = (
            {name: values[which] for name, values in by_name.items()}
            for by_name in (self.series, self.known, self.resolutions)
        )
        return replace(self, series=series, known=known, resolutions=resolutions)


class Unanswerable(Exception):
    """The results at hand cannot say anything on a claim; the message says why."""


def select(results: Sequence[ConditionResult], where: Settings) -> list[ConditionResult]:
    """The results whose settings match every path of `where`.

    Raises:
        Unanswerable: there are none.
    """
    known = {path for result in results for path in result.settings}
    for path in where:
        if path not in known:
            close = get_close_matches(path, sorted(known), n=1)
            hint = f"; the closest is {close[0]}" if close else ""
            raise Unanswerable(f"no condition has the setting {path}{hint}")
    chosen = [result for result in results if _matches(result.settings, where)]
    if not chosen:
        wanted = ", ".join(f"{path} = {value}" for path, value in where.items())
        raise Unanswerable(f"no condition has {wanted}")
    return chosen


def _matches(settings: Settings, where: Settings) -> bool:
    return all(
        path in settings and any(_same(settings[path], value) for value in _values(wanted))
        for path, wanted in where.items()
    )


def _values(wanted: Any) -> Sequence[Any]:
    return wanted if isinstance(wanted, (tuple, list)) else (wanted,)


def _same(setting: Any, wanted: Any) -> bool:
    numbers = isinstance(setting, float) or isinstance(wanted, float)
    if numbers and isinstance(setting, (int, float)) and isinstance(wanted, (int, float)):
        return math.isclose(setting, wanted, rel_tol=1e-9)
    return setting == wanted


def dose(result: ConditionResult, axis: str) -> float:
    """The condition's position on a numeric axis.

    Raises:
        UserError: the setting there is not a number.
    """
    value = result.settings[axis]
    try:
        number = math.nan if isinstance(value, str) else float(value)
    except (TypeError, ValueError):
        number = math.nan
    if not math.isfinite(number):
        raise UserError(f"The axis {axis} must hold numbers, but one condition has {value!r}.")
    return number


def strata(results: Sequence[ConditionResult], along: Sequence[str]) -> list[list[int]]:
    """Indices of the results that share all settings but those `along` which they differ.

    A setting that the axis, with the other settings, determines follows the axis and makes
    no stratum: a learning rate scaled with the batch size, a derived number, the name of a
    width. A name under which several doses stand, such as an optimizer with its own range
    of learning rates, does make one.
    """
    keys = _columns(results, distinguishing(results, along))
    grouped: dict[Hashable, list[int]] = {}
    for index, key in enumerate(_rows(keys) if keys else [()] * len(results)):
        grouped.setdefault(key, []).append(index)
    return list(grouped.values())


def distinguishing(results: Sequence[ConditionResult], along: Sequence[str] = ()) -> list[str]:
    """Paths, besides those `along`, whose values tell the results apart; none that follow."""
    everything = sorted({path for result in results for path in result.settings} - set(along))
    columns = dict(zip(everything, _columns(results, everything), strict=True))
    paths = [path for path in everything if len(set(columns[path])) > 1]
    axis = _rows([[()] * len(results), *_columns(results, along)])
    # Derived numbers take the most values: they are the first that may go. An arm is the
    # last: it says most in a word.
    for path in sorted(
        paths, key=lambda path: (path != ARM, *_expendable(columns[path])), reverse=True
    ):
        kept = _rows([axis, *(columns[other] for other in paths if other != path)])
        determined = len(set(kept)) == len(set(_rows([kept, columns[path]])))
        if determined and (_numeric(columns[path]) or _one_dose_each(columns[path], axis)):
            paths.remove(path)
    return paths


def matched(
    results: Sequence[ConditionResult], first: Settings, second: Settings, along: Sequence[str]
) -> tuple[list[ConditionResult], list[tuple[list[int], list[int]]]]:
    """Conditions of two selections that agree in all settings but those `along`.

    Returns:
        The conditions of both selections, and in pairs which of them belong together.

    Raises:
        Unanswerable: a selection takes nothing.
    """
    sides = [{id(result) for result in select(results, side)} for side in (first, second)]
    both = [result for result in results if id(result) in sides[0] | sides[1]]
    places = [
        tuple([i for i in group if id(both[i]) in side] for side in sides)
        for group in strata(both, along)
    ]
    return both, [(one, other) for one, other in places if one and other]


def labelled_arms(
    results: Sequence[ConditionResult], label: str
) -> dict[str, list[ConditionResult]]:
    """The conditions with a setting whose name begins with `label`, by arm ("" without)."""
    arms: dict[str, list[ConditionResult]] = {}
    for result in results:
        if any(path.startswith(label) for path in result.settings):
            arms.setdefault(str(result.settings.get(ARM, "")), []).append(result)
    return arms


def describe(result: ConditionResult, paths: Sequence[str]) -> str:
    """The condition in words, by the settings that matter."""
    return ", ".join(f"{path} = {result.settings.get(path)}" for path in paths) or result.id


def _columns(results: Sequence[ConditionResult], paths: Sequence[str]) -> list[list[Hashable]]:
    return [[_label(result.settings.get(path)) for result in results] for path in paths]


def _label(value: Any) -> Hashable:
    return value if isinstance(value, Hashable) else str(value)


def _rows(columns: Sequence[Sequence[Hashable]]) -> list[Hashable]:
    return list(zip(*columns, strict=True))


def _numeric(column: Sequence[Hashable]) -> bool:
    return all(isinstance(value, (int, float)) for value in column)


def _one_dose_each(column: Sequence[Hashable], axis: Sequence[Hashable]) -> bool:
    return len(set(column)) == len(set(zip(column, axis, strict=True)))


def _expendable(column: Sequence[Hashable]) -> tuple[bool, int]:
    return _numeric(column), len(set(column))
