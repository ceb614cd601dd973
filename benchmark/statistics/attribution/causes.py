"""Two tables: what each declared cause does to the curves, and what each cure does."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from benchmark.declare.causes import Cause, Cure
from benchmark.declare.curves import PerRun
from benchmark.declare.designs import ARM
from benchmark.declare.measure import Measure
from benchmark.declare.scenario import Scenario
from benchmark.statistics.attribution.effects import (
    JITTER,
    OUTCOMES,
    Effect,
    changes,
    pairs,
    simultaneous,
)
from benchmark.statistics.inference.intervals import Interval
from benchmark.statistics.selection import ConditionResult, Unanswerable


@dataclass(frozen=True)
class Observed:
    """A switch of a scenario with the change of every outcome in every seed.

    Attributes:
        scenario: its name.
        switch: the declared cause or cure.
        strata: how many pairs of conditions are averaged.
        changes: outcome → [run], as `benchmark.statistics.attribution.effects.changes`.
    """

    scenario: str
    switch: Cause | Cure
    strata: int
    changes: Mapping[str, PerRun]


@dataclass(frozen=True)
class Row:
    """What one cause or cure does, in one scenario.

    Attributes:
        cause: from the common vocabulary.
        cure: the remedy; None in the table of causes.
        scenario: where it was seen.
        arm: of the scenario, "" where there are none or both sides are in different ones.
        change: the settings that differ, in words.
        strata: how many pairs of conditions are averaged.
        effects: one per outcome, see `on`. With a cause on ÷ off, after a
            cure ÷ before. Intervals are simultaneous over all effects of the table.
    """

    cause: str
    cure: str | None
    scenario: str
    arm: str
    change: str
    strata: int
    effects: tuple[Effect, ...]

    def on(self, outcome: str) -> Effect:
        """The effect on an outcome, by its name, such as `JITTER`."""
        return next(effect for effect in self.effects if effect.outcome == outcome)

    def as_json(self) -> dict[str, Any]:
        """Plain data."""
        return vars(self) | {"effects": [effect.as_json() for effect in self.effects]}


def observe(
    scenario: Scenario, conditions: Sequence[ConditionResult]
) -> tuple[list[Observed], list[Observed]]:
    """The causes and the cures of a scenario for which conditions are stored."""
    causes, cures = (
        [
            observed
            for switch in switches
            if (observed := _observed(scenario.name, switch, conditions)) is not None
        ]
        for switches in (scenario.causes, scenario.cures)
    )
    return causes, cures


def _observed(
    name: str, switch: Cause | Cure, conditions: Sequence[ConditionResult]
) -> Observed | None:
    try:
        matched = pairs(conditions, switch)
    except Unanswerable:
        return None
    if not matched:
        return None
    return Observed(
        name,
        switch,
        len(matched),
        {outcome.name: changes(matched, outcome, switch) for outcome in OUTCOMES},
    )


def table(observed: Sequence[Observed]) -> list[Row]:
    """Rows with intervals that hold together, the largest factor on validation jitter first."""
    cells = simultaneous([entry.changes[o.name] for entry in observed for o in OUTCOMES])
    ends = iter(cells)
    rows = [
        Row(
            entry.switch.name if isinstance(entry.switch, Cause) else entry.switch.cause,
            entry.switch.name if isinstance(entry.switch, Cure) else None,
            entry.scenario,
            str(entry.switch.where.get(ARM, "")),
            change(entry.switch),
            entry.strata,
            tuple(_effect(outcome.name, outcome.log, next(ends)) for outcome in OUTCOMES),
        )
        for entry in observed
    ]
    return sorted(rows, key=lambda row: -(row.on(JITTER).number.estimate or -math.inf))


def _effect(name: str, log: bool, cell: tuple[Interval[float], int]) -> Effect:
    number, runs = cell
    effect = Interval(*(float(np.exp(x)) for x in number)) if log else number
    return Effect(name, log, effect.known(), runs)


def change(switch: Cause | Cure) -> str:
    """The settings that both sides select by and differ in: "batch size 64 → 2"."""
    before, after = switch.sides
    said = [
        f"{_setting(path)} {_level(old)} → {_level(after[path])}"
        for path, old in before.items()
        if path in after and old != after[path]
    ]
    if switch.curves is not None:
        said.append(" → ".join(curve.replace("_", " ") for curve in switch.curves))
    return ", ".join(said)


def _setting(path: str) -> str:
    return path.rpartition(".")[2].replace("_", " ")


def _level(value: Any) -> str:
    if value is None:
        return "none"
    if isinstance(value, bool):
        return "on" if value else "off"
    return f"{value:g}" if isinstance(value, float) else str(value).replace("_", " ")


def outcome_measures() -> tuple[Measure, ...]:
    """Everything that the tables of causes and cures are computed from.

    A condition has only some of the series: whoever stores measures takes those whose
    series are there.
    """
    named = [measure for outcome in OUTCOMES for measure in outcome.measures()]
    return tuple({measure.name: measure for measure in named}.values())
