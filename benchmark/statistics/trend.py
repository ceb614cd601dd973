"""Trends along an axis: power laws, increases, decreases."""

import math
from collections.abc import Callable, Sequence

import numpy as np

from benchmark.declare.claims import Claim, Decreases, Increases, PowerLaw
from benchmark.statistics.evidence import Finding, weigh
from benchmark.statistics.resampling import Draws
from benchmark.statistics.selection import (
    ConditionResult,
    Unanswerable,
    describe,
    distinguishing,
    strata,
)
from benchmark.statistics.table import Table, doses, region

Trend = PowerLaw | Increases | Decreases


def examine_trend(
    claim: Claim, expect: Trend, conditions: Sequence[ConditionResult], table: Table
) -> Finding:
    """Slope common to all strata, held against its region.

    Log-log wherever doses and measures are positive (in every draw), see `Increases`.

    Raises:
        Unanswerable: too few doses, or a power law of something that is not positive.
        UserError: the axis does not hold numbers.
    """
    axis = expect.axis
    doses(conditions, axis)
    draws = table.draws(conditions, claim.measure)
    kept = np.flatnonzero(np.isfinite(draws.estimate)).tolist()
    if not kept:
        raise Unanswerable("the measure is undefined in most runs of every condition")
    notes = _left_out(conditions, set(kept), axis)
    conditions = [conditions[i] for i in kept]
    draws = Draws(draws.values[kept], draws.groups, draws.runs[kept])
    x = doses(conditions, axis)
    log_dose, log_measure = bool((x > 0).all()), bool(np.nanmin(draws.values) > 0)
    if isinstance(expect, PowerLaw):
        if not log_dose or (draws.estimate <= 0).any():
            raise Unanswerable(f"a power law needs positive {axis} and {claim.measure.name}")
        log_measure = True
    groups = strata(conditions, [axis])
    slope = common_slope(np.log(x) if log_dose else x, groups)
    statistic = draws.map(lambda y: slope(np.log(y) if log_measure else y))
    name = (
        f"slope of {'log(measure)' if log_measure else 'the measure'} on "
        f"{f'log({axis})' if log_dose else axis}"
    )
    match expect:
        case PowerLaw():
            low, high = expect.exponent - expect.within, expect.exponent + expect.within
            return Finding(region(name, low, high), [weigh(statistic, low, high)], notes)
        # The border itself is no increase, and no decrease.
        case Increases():
            notes += _reversals(x, groups, draws, "falls")
            evidence = weigh(statistic, math.nextafter(expect.by, math.inf), None)
            return Finding(f"{name} above {expect.by:g}", [evidence], notes)
        case Decreases():
            notes += _reversals(x, groups, draws, "rises")
            evidence = weigh(statistic, None, math.nextafter(-expect.by, -math.inf))
            return Finding(f"{name} below {-expect.by + 0.0:g}", [evidence], notes)


def common_slope(
    x: np.ndarray, groups: Sequence[Sequence[int]]
) -> Callable[[np.ndarray], np.ndarray]:
    """Least-squares slope within strata, as a function [condition, draw] -> [draw].

    Args:
        x: positions [condition].
        groups: indices of the conditions of each stratum.

    Raises:
        Unanswerable: no stratum has two positions.
    """
    centred = np.array(x, dtype=np.float64)
    for group in groups:
        centred[group] -= centred[group].mean()
    spread = np.sum(centred**2)
    if not spread > 1e-18 * np.sum(x**2):
        raise Unanswerable("no two conditions differ only in their dose")
    weights = centred / spread
    # A sum, not a matrix product: equal draws must give bitwise equal slopes.
    return lambda y: np.sum(weights[:, None] * y, axis=0)


def _reversals(
    x: np.ndarray, groups: Sequence[Sequence[int]], draws: Draws, verb: str
) -> list[str]:
    """A note on neighbouring doses between which the measure surely goes the other way."""
    sign = 1 if verb == "rises" else -1
    found = []
    for group in groups:
        ordered = sorted(group, key=lambda i: x[i])
        for here, there in zip(ordered, ordered[1:], strict=False):
            change = sign * (draws.resamples[there] - draws.resamples[here])
            if x[there] > x[here] and np.mean(~(change > 0)) < 0.025 / len(x):
                found.append(f"{x[here]:g} to {x[there]:g}")
    return [f"but it {verb} from {', '.join(dict.fromkeys(found))}"] if found else []


def _left_out(conditions: Sequence[ConditionResult], kept: set[int], axis: str) -> list[str]:
    out = [result for i, result in enumerate(conditions) if i not in kept]
    if not out:
        return []
    paths = [axis, *distinguishing(conditions, [axis])]
    return [f"left out, undefined in most runs: {'; '.join(describe(r, paths) for r in out)}"]
