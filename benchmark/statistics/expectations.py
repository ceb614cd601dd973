"""What each kind of expectation asks of the results: statistics and their regions."""

import math
from collections.abc import Sequence

from benchmark.declare import claims
from benchmark.declare.claims import Claim
from benchmark.statistics.comparison import examine_comparison
from benchmark.statistics.crossed import examine_share
from benchmark.statistics.evidence import Finding, weigh, weigh_peak
from benchmark.statistics.resampling import Draws
from benchmark.statistics.selection import (
    ConditionResult,
    Unanswerable,
    describe,
    distinguishing,
    select,
    strata,
)
from benchmark.statistics.table import Table, doses, region, row, vanishes
from benchmark.statistics.trend import examine_trend


def examine(claim: Claim, table: Table) -> Finding:
    """Evidence on a claim.

    Raises:
        Unanswerable: the results cannot say anything on it; the message says why.
        UserError: an axis does not hold numbers.
    """
    conditions = select(table.results, claim.where)
    expect = claim.expect
    match expect:
        case claims.PowerLaw() | claims.Increases() | claims.Decreases():
            return examine_trend(claim, expect, conditions, table)
        case claims.Ratio() | claims.Difference():
            return examine_comparison(claim, expect, conditions, table)
        case claims.Within():
            return _within(claim, expect, conditions, table)
        case claims.Equals():
            return _equals(claim, expect, conditions, table)
        case claims.NoEffect():
            return _no_effect(claim, expect, conditions, table)
        case claims.Peaks():
            return _peak(claim, expect, conditions, table)
        case claims.Share():
            return examine_share(claim, expect, conditions)


def _names(conditions: Sequence[ConditionResult]) -> list[str]:
    paths = distinguishing(conditions)
    return [describe(result, paths) if paths else "" for result in conditions]


def _within(
    claim: Claim, expect: claims.Within, conditions: Sequence[ConditionResult], table: Table
) -> Finding:
    draws = table.draws(conditions, claim.measure)
    pieces = [
        weigh(row(draws, i), expect.low, expect.high, name)
        for i, name in enumerate(_names(conditions))
    ]
    return Finding(region(claim.measure.name, expect.low, expect.high), pieces)


def _equals(
    claim: Claim, expect: claims.Equals, conditions: Sequence[ConditionResult], table: Table
) -> Finding:
    draws = table.draws(conditions, claim.measure)
    low, high = 1 / (1 + expect.within), 1 + expect.within
    pieces = []
    for i, name in enumerate(_names(conditions)):
        theory = claims.predicted(claim, conditions[i].condition)
        if theory == 0 or not math.isfinite(theory):
            raise Unanswerable(f"theory gives {theory:g}{f' at {name}' if name else ''}")
        pieces.append(weigh(row(draws, i, lambda y, by=theory: y / by), low, high, name))
    return Finding(region("measure over theory", low, high), pieces)


def _no_effect(
    claim: Claim, expect: claims.NoEffect, conditions: Sequence[ConditionResult], table: Table
) -> Finding:
    doses(conditions, expect.axis)
    draws = table.draws(conditions, claim.measure)
    low, high = 1 / (1 + expect.margin), 1 + expect.margin
    paths = [expect.axis, *distinguishing(conditions, [expect.axis])]
    pieces = []
    for first, *others in strata(conditions, [expect.axis]):
        if others and vanishes(draws.values[[first]]):
            raise Unanswerable(f"the measure may be 0 at {describe(conditions[first], paths)}")
        pieces += [
            weigh(
                draws.map(lambda y: y[1] / y[0], rows=[first, other]),
                low,
                high,
                describe(conditions[other], paths),
            )
            for other in others
        ]
    if not pieces:
        raise Unanswerable("no two conditions differ only in their dose")
    return Finding(region(f"ratio to the first {expect.axis}", low, high), pieces)


def _peak(
    claim: Claim, expect: claims.Peaks, conditions: Sequence[ConditionResult], table: Table
) -> Finding:
    all_doses = doses(conditions, expect.axis)
    draws = table.draws(conditions, claim.measure)
    paths = distinguishing(conditions, [expect.axis])
    pieces, regions = [], []
    for group in strata(conditions, [expect.axis]):
        example = conditions[group[0]]
        rest = {path: v for path, v in example.settings.items() if path != expect.axis}
        at = claims.peak_place(claim, rest)
        low, high = at / expect.within, at * expect.within
        here = all_doses[group]
        # A hair of slack: at * within is rounded, the doses are as declared.
        if not ((here >= low * (1 - 1e-9)) & (here <= high * (1 + 1e-9))).any():
            raise Unanswerable(f"no dose of {expect.axis} lies between {low:g} and {high:g}")
        if len(set(here)) < 2:
            raise Unanswerable("a peak needs two conditions that differ only in their dose")
        heights = Draws(draws.values[group], draws.groups, draws.runs[group])
        about = describe(example, paths) if paths else ""
        pieces.append(weigh_peak(here, heights, low, high, about))
        regions.append(region(f"peak along {expect.axis}", low, high))
    return Finding("; ".join(dict.fromkeys(regions)), pieces)
