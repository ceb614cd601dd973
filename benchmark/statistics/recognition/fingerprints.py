"""Fingerprints: what a cause does to the shape of the curves that a practitioner has."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from jaxtyping import Float, Int

from benchmark.declare.designs import ARM
from benchmark.declare.errors import UserError
from benchmark.declare.scenario import Scenario
from benchmark.statistics.attribution.effects import pairs, simultaneous
from benchmark.statistics.inference.intervals import Interval
from benchmark.statistics.recognition.features import FEATURES
from benchmark.statistics.selection import ConditionResult, Unanswerable

HEALTHY = "healthy"


@dataclass(frozen=True, eq=False)
class Labelled:
    """The features of all runs, with the cause that is on in each.

    Attributes:
        features: NaN where a run has no value.
        causes: index into `names`, of which 0 is the healthy condition.
        systems: index into `arms`.
        seeds: seed of the run.
        names: "healthy", then the causes.
        arms: the systems.
        members: the conditions; each has equally many runs, one after the other.
    """

    features: Float[np.ndarray, "run feature"]
    causes: Int[np.ndarray, " run"]
    systems: Int[np.ndarray, " run"]
    seeds: Int[np.ndarray, " run"]
    names: tuple[str, ...]
    arms: tuple[str, ...]
    members: tuple[ConditionResult, ...]


@dataclass(frozen=True)
class Mark:
    """One cell of the fingerprint matrix.

    Attributes:
        feature: its name.
        shift: feature with the cause minus without, over the SD between runs; its interval
            is simultaneous over the matrix.
    """

    feature: str
    shift: Interval[float | None]

    @property
    def clear(self) -> bool:
        """Whether the interval excludes 0."""
        return self.shift.excludes(0.0)

    def as_json(self) -> dict[str, Any]:
        """Plain data."""
        return {"feature": self.feature, **self.shift.named("shift")}


@dataclass(frozen=True)
class Fingerprint:
    """One row of the matrix: a cause's shifts of all features.

    Attributes:
        cause: its name.
        system: the arm, or "all": the mean over systems.
        marks: one per feature.
    """

    cause: str
    system: str
    marks: tuple[Mark, ...]

    def as_json(self) -> dict[str, Any]:
        """Plain data."""
        return vars(self) | {"marks": [mark.as_json() for mark in self.marks]}


def labelled(scenario: Scenario, conditions: Sequence[ConditionResult]) -> Labelled | None:
    """All runs with their cause; None unless every arm has all causes and curves."""
    names = (HEALTHY, *(cause.name for cause in scenario.causes))
    chosen: dict[tuple[str, int], ConditionResult] = {}
    for number, cause in enumerate(scenario.causes, 1):
        try:
            matched = pairs(conditions, cause)
        except Unanswerable:
            return None
        for (off, *_), (on, *_) in matched:
            chosen[str(on.settings.get(ARM, "")), number] = on
            chosen[str(on.settings.get(ARM, "")), 0] = off
    arms = tuple(dict.fromkeys(arm for arm, _ in chosen))
    runs = min((result.runs for result in chosen.values()), default=0)
    if len(chosen) != len(arms) * len(names) or runs < 2:
        return None
    places = sorted((arms.index(arm), number) for arm, number in chosen)
    members = tuple(chosen[arms[arm], number] for arm, number in places)
    try:
        features = [np.stack([f.values(r)[:runs] for f in FEATURES], 1) for r in members]
    except UserError:
        # A curve that a practitioner would look at is not recorded.
        return None
    return Labelled(
        np.concatenate(features),
        np.repeat([number for _, number in places], runs),
        np.repeat([arm for arm, _ in places], runs),
        np.tile(np.arange(runs), len(places)),
        names,
        arms,
        members,
    )


def fingerprints(runs: Labelled) -> list[Fingerprint]:
    """The matrix cause × feature, averaged over systems and for every system.

    A shift is paired by seed and divided by the SD between runs of one condition, pooled
    over the conditions of its system. The interval (Student, Bonferroni over the matrix)
    takes that SD as known.
    """
    count = len(set(runs.seeds.tolist()))
    shifts = np.stack([_shifts(runs, s, count) for s in range(len(runs.arms))])
    rows = [("all", shifts.mean(axis=0)), *zip(runs.arms, shifts, strict=True)]
    cells = iter(
        simultaneous([row for _, by_cause in rows for cause in by_cause for row in cause])
    )
    matrix = []
    for system, by_cause in rows:
        for name in runs.names[1 : 1 + len(by_cause)]:
            marks = [Mark(feature.name, next(cells)[0].known()) for feature in FEATURES]
            matrix.append(Fingerprint(name, system, tuple(marks)))
    return matrix


def _shifts(runs: Labelled, system: int, count: int) -> Float[np.ndarray, "cause feature run"]:
    here = runs.systems == system
    by_cause = np.stack(
        [runs.features[here & (runs.causes == c)] for c in range(len(runs.names))]
    ).reshape(len(runs.names), count, len(FEATURES))
    spread = _pooled(by_cause)
    shift = (by_cause[1:] - by_cause[0]) / np.where(spread > 0, spread, np.nan)
    return np.swapaxes(shift, 1, 2)


def _pooled(features: Float[np.ndarray, "cause run feature"]) -> Float[np.ndarray, " feature"]:
    """SD between the runs of a condition, pooled over conditions; NaN are left out."""
    known = np.isfinite(features)
    count = known.sum(axis=1)
    filled = np.where(known, features, 0.0)
    mean = filled.sum(axis=1) / np.maximum(count, 1)
    squares = np.where(known, (features - mean[:, None]) ** 2, 0.0).sum(axis=(0, 1))
    return np.sqrt(squares / np.maximum((count - 1).clip(0).sum(axis=0), 1))
