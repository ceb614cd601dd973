"""Crossed sources of randomness: which of them spreads the runs of one experiment."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any

import numpy as np
from jaxtyping import Float

from benchmark.declare.designs import SOURCE
from benchmark.declare.measure import Measure
from benchmark.statistics.attribution.components import (
    components,
    ratio_interval,
    sd_interval,
    shares,
    together,
)
from benchmark.statistics.inference.intervals import Interval
from benchmark.statistics.selection import (
    ENOUGH,
    ConditionResult,
    Unanswerable,
    labelled_arms,
)

Share = Interval[float | None]
"""A number with its 95 % interval; None where nothing varies, and shares cut to [0, 1], within
which the truth lies."""


@dataclass(frozen=True)
class SourceShares:
    """How much of the variance between runs one source of randomness makes.

    Attributes:
        source: its name.
        main: share of the variance that goes, on average, when this source is held fixed:
            what it does whatever the others do.
        total: share that stays, on average, when all others are held fixed: what it does
            by itself and together with others.
        shapley: as `total`, with what sources do together split equally among them; these
            shares add up to one.
    """

    source: str
    main: Share
    total: Share
    shapley: Share

    def as_json(self) -> dict[str, Any]:
        """Plain data."""
        parts = {kind: getattr(self, kind).named() for kind in ("main", "total", "shapley")}
        return {"source": self.source, **parts}


@dataclass(frozen=True)
class Components:
    """One measure's variance between runs, shared out among crossed sources.

    What follows the run's seed without being crossed is held fixed among the runs that are
    compared, and is in no share.

    Attributes:
        measure: its name.
        arm: the arm the design stands in, "" where there are none.
        replicates: run seeds that have a value under every condition; each draws fresh
            levels of all sources.
        conditions: combinations of levels, for each replicate.
        sd: SD over runs when all crossed sources vary, in the unit of the measure.
        interactions: share that only sources together make. With one run per combination
            what all of them do together is not told from what else may vary.
        sources: the largest total first.
    """

    measure: str
    arm: str
    replicates: int
    conditions: int
    sd: Interval[float | None]
    interactions: Share
    sources: tuple[SourceShares, ...]

    def as_json(self) -> dict[str, Any]:
        """Plain data."""
        return vars(self) | {
            "sd": self.sd.named(),
            "interactions": self.interactions.named(),
            "sources": [source.as_json() for source in self.sources],
        }


def crossed_conditions(
    results: Sequence[ConditionResult],
) -> dict[str, list[ConditionResult]]:
    """The conditions of crossed designs by arm."""
    return labelled_arms(results, SOURCE)


def shared_out(
    results: Sequence[ConditionResult], measures: Sequence[Measure]
) -> list[Components]:
    """Every measure's variance in every complete crossed design among the results."""
    decompositions = []
    for arm, members in crossed_conditions(results).items():
        for measure in measures:
            try:
                names, values = cells_of(members, measure)
            except Unanswerable:
                continue
            decompositions.append(_components(values, names, measure.name, arm))
    return decompositions


def cells_of(
    results: Sequence[ConditionResult], measure: Measure
) -> tuple[tuple[str, ...], Float[np.ndarray, "replicate *level"]]:
    """Names of the sources, and the measure by replicate and by level of every source."""
    paths = list(dict.fromkeys(p for r in results for p in r.settings if p.startswith(SOURCE)))
    cells = {tuple(bool(r.settings.get(path)) for path in paths): r for r in results}
    order = list(product((False, True), repeat=len(paths)))
    if set(order) != set(cells) or len(cells) != len(results):
        raise Unanswerable("the design of crossed sources is not complete")
    if not all(result.holds(measure) for result in results):
        raise Unanswerable(f"not every condition has recorded {measure.series[0]}")
    runs = min(result.runs for result in results)
    values = np.stack([cells[cell].measured(measure)[:runs] for cell in order], axis=1)
    values = values[np.isfinite(values).all(axis=1)]
    if len(values) < max(2.0, ENOUGH * runs):
        raise Unanswerable("too few seeds have a value under every combination of sources")
    names = tuple(path.removeprefix(SOURCE) for path in paths)
    return names, values.reshape(len(values), *[2] * len(paths))


def _components(
    values: Float[np.ndarray, "replicate *level"],
    names: tuple[str, ...],
    measure: str,
    arm: str,
) -> Components:
    estimates = components(values)
    whole = estimates.sum(axis=0)
    intervals = {
        kind: ratio_interval(weights @ estimates, whole)
        for kind, weights in shares(len(names)).items()
    }
    sources = [
        SourceShares(name, **{kind: _share(ends, i) for kind, ends in intervals.items()})
        for i, name in enumerate(names)
    ]
    return Components(
        measure,
        arm,
        len(values),
        2 ** len(names),
        sd_interval(whole).known(),
        _share(ratio_interval(together(len(names)) @ estimates, whole), ()),
        tuple(sorted(sources, key=lambda source: -(source.total.estimate or 0.0))),
    )


def _share(ends: Interval[np.ndarray], place: int | tuple[()]) -> Share:
    return Interval(*(np.clip(end[place], 0.0, 1.0) for end in ends)).known()
