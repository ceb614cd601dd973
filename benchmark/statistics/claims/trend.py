"""Trends along an axis: power laws, increases, decreases."""

from collections.abc import Callable, Sequence

import numpy as np

from benchmark.declare.claims import Claim, Decreases, Increases, PowerLaw
from benchmark.statistics.claims.pooling import pool
from benchmark.statistics.claims.summaries import Columns, Table, doses, region
from benchmark.statistics.inference.evidence import Evidence, Finding, Statistic, weigh
from benchmark.statistics.selection import (
    ConditionResult,
    Unanswerable,
    describe,
    distinguishing,
    strata,
)

Trend = PowerLaw | Increases | Decreases
Function = Callable[[np.ndarray], np.ndarray]


def examine_trend(
    claim: Claim, expect: Trend, conditions: Sequence[ConditionResult], table: Table
) -> Finding:
    """Slope common to all strata, held against its region; see `Increases` for its scale.

    Strata that surely contradict each other are not pooled, see `pool`.

    Raises:
        Unanswerable: too few doses, or a power law of something that is not positive.
        UserError: the axis does not hold numbers.
    """
    axis = expect.axis
    doses(conditions, axis)
    columns = table.columns(conditions, claim.measure)
    kept = np.flatnonzero(np.isfinite(columns.draws.estimate)).tolist()
    if not kept:
        raise Unanswerable("the measure is undefined in most runs of every condition")
    notes = _left_out(conditions, set(kept), axis)
    conditions, columns = [conditions[i] for i in kept], columns.take(kept)
    x = doses(conditions, axis)
    log_dose, power = bool((x > 0).all()), isinstance(expect, PowerLaw)
    if power and not (log_dose and (columns.summaries > 0).all()):
        raise Unanswerable(f"a power law needs positive {axis} and {claim.measure.name}")
    slopes = _Slopes(columns, np.log(x) if log_dose else x, of_log=power and not columns.log)
    low, high = _borders(expect)
    groups = [g for g in strata(conditions, [axis]) if len(set(x[g])) > 1]
    if not groups:
        raise Unanswerable("no two conditions differ only in their dose")

    def weighed(some: Sequence[int], about: str) -> Evidence:
        slope = slopes.common([groups[i] for i in some])
        return weigh(slope, low, high, about, no_effect=0.0, strict=not power)

    examples = [conditions[group[0]] for group in groups]
    pieces, apart, note = pool(
        examples, [axis], weighed, lambda parts: slopes.distances(groups, parts)
    )
    if not power:
        notes += slopes.reversals(x, groups, "falls" if high is None else "rises")
    name = (
        f"slope of {'log(measure)' if power or columns.log else 'the measure'} on "
        f"{f'log({axis})' if log_dose else axis}"
    )
    return Finding(_region(name, expect), pieces, [note, *notes] if apart else notes, apart)


def _borders(expect: Trend) -> tuple[float | None, float | None]:
    match expect:
        case PowerLaw():
            return expect.exponent - expect.within, expect.exponent + expect.within
        # The border itself is no increase, and no decrease: the region is open.
        case Increases():
            return expect.by, None
        case Decreases():
            return None, -expect.by


def _region(name: str, expect: Trend) -> str:
    match expect:
        case PowerLaw():
            return region(name, *_borders(expect))
        case Increases():
            return f"{name} above {expect.by:g}"
        case Decreases():
            return f"{name} below {-expect.by + 0.0:g}"


class _Slopes:
    """Least-squares slopes of summaries on positions, within strata.

    Attributes:
        columns: the measure.
        x: positions, [condition].
        of_log: summaries are no logarithms, but their logarithms have the slope.
    """

    def __init__(self, columns: Columns, x: np.ndarray, of_log: bool) -> None:
        self.columns, self.x, self.of_log = columns, x, of_log

    def common(self, groups: Sequence[Sequence[int]]) -> Statistic:
        """The slope common to several strata."""
        return self._statistic(slope_weights(self.x, groups))

    def distances(
        self, groups: Sequence[Sequence[int]], parts: Sequence[Sequence[int]]
    ) -> list[Statistic]:
        """How far each part's common slope is from the mean of the others'."""
        means = np.stack([slope_weights(self.x, [groups[i] for i in part]) for part in parts])
        others = (means.sum(axis=0) - means) / (len(parts) - 1)
        return [self._statistic(one) for one in means - others]

    def _statistic(self, weights: np.ndarray) -> Statistic:
        if not self.of_log:
            return self.columns.weighted(weights)
        used = np.flatnonzero(weights)
        w = weights[used]

        def slope(y: np.ndarray) -> np.ndarray:
            return np.sum(w[:, None] * np.log(y), axis=0)

        return self.columns.take(used.tolist()).contrast(slope, w, linear=False)

    def reversals(self, x: np.ndarray, groups: Sequence[Sequence[int]], verb: str) -> list[str]:
        """A note on neighbouring doses between which the measure surely goes the other way."""
        found = []
        for group in groups:
            ordered = sorted(group, key=lambda i: x[i])
            for here, there in zip(ordered, ordered[1:], strict=False):
                step = self.columns.take([there, here]).contrast(lambda y: y[0] - y[1], [1, -1])
                tails = step.tails(0.0)
                wrong = tails.at_most if verb == "rises" else tails.at_least
                if x[there] > x[here] and wrong < 0.025 / len(x):
                    found.append(f"{x[here]:g} to {x[there]:g}")
        return [f"but it {verb} from {', '.join(dict.fromkeys(found))}"] if found else []


def slope_weights(x: np.ndarray, groups: Sequence[Sequence[int]]) -> np.ndarray:
    """Weights of the least-squares slope within strata, [condition]; 0 outside of them.

    Args:
        x: positions [condition].
        groups: places of the conditions of each stratum; one has two positions or more.
    """
    centred = np.zeros(len(x))
    for group in groups:
        centred[list(group)] = x[list(group)] - np.mean(x[list(group)])
    return centred / np.sum(centred**2)


def _left_out(conditions: Sequence[ConditionResult], kept: set[int], axis: str) -> list[str]:
    out = [result for i, result in enumerate(conditions) if i not in kept]
    if not out:
        return []
    paths = [axis, *distinguishing(conditions, [axis])]
    return [f"left out, undefined in most runs: {'; '.join(describe(r, paths) for r in out)}"]
