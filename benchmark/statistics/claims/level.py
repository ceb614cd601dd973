"""What each kind of expectation asks of the results: statistics and their regions."""

import math
from collections.abc import Sequence

import numpy as np

from benchmark.declare import claims
from benchmark.declare.claims import Claim
from benchmark.statistics.claims.comparison import examine_comparison
from benchmark.statistics.claims.peak import examine_peak
from benchmark.statistics.claims.summaries import Table, doses, region
from benchmark.statistics.claims.trend import examine_trend
from benchmark.statistics.crossed import examine_share
from benchmark.statistics.inference.evidence import OPEN, Finding, weigh
from benchmark.statistics.selection import (
    ConditionResult,
    Unanswerable,
    describe,
    distinguishing,
    select,
    strata,
)


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
            return examine_peak(claim, expect, conditions, table)
        case claims.Share():
            return examine_share(claim, expect, conditions)


def _names(conditions: Sequence[ConditionResult]) -> list[str]:
    paths = distinguishing(conditions)
    return [describe(result, paths) if paths else "" for result in conditions]


def _within(
    claim: Claim, expect: claims.Within, conditions: Sequence[ConditionResult], table: Table
) -> Finding:
    columns = table.columns(conditions, claim.measure)
    least, most = claim.measure.range or OPEN
    # No run can be beyond the end of a range.
    low = None if expect.low is not None and expect.low <= least else expect.low
    high = None if expect.high is not None and expect.high >= most else expect.high
    pieces = [
        weigh(
            columns.take([i]).contrast(lambda y: y[0], [1.0]),
            low,
            high,
            name,
            columns.log,
        )
        for i, name in enumerate(_names(conditions))
    ]
    return Finding(region(claim.measure.name, expect.low, expect.high), pieces)


def _equals(
    claim: Claim, expect: claims.Equals, conditions: Sequence[ConditionResult], table: Table
) -> Finding:
    columns = table.columns(conditions, claim.measure)
    low, high = 1 / (1 + expect.within), 1 + expect.within
    pieces = []
    for i, name in enumerate(_names(conditions)):
        theory = claims.predicted(claim, conditions[i].condition)
        if theory == 0 or not math.isfinite(theory):
            raise Unanswerable(f"theory gives {theory:g}{f' at {name}' if name else ''}")
        one = columns.take([i])
        log = columns.log and theory > 0
        if log:
            over = one.contrast(lambda y, by=theory: y[0] - math.log(by), [1.0])
        elif columns.log:
            over = one.contrast(lambda y, by=theory: np.exp(y[0]) / by, [-1.0], linear=False)
        else:
            over = one.contrast(lambda y, by=theory: y[0] / by, [1 / theory])
        pieces.append(weigh(over, low, high, name, log))
    return Finding(region("measure over theory", low, high), pieces)


def _no_effect(
    claim: Claim, expect: claims.NoEffect, conditions: Sequence[ConditionResult], table: Table
) -> Finding:
    doses(conditions, expect.axis)
    columns = table.columns(conditions, claim.measure)
    low, high = 1 / (1 + expect.margin), 1 + expect.margin
    paths = [expect.axis, *distinguishing(conditions, [expect.axis])]
    pieces = []
    for first, *others in strata(conditions, [expect.axis]):
        for other in others:
            about = describe(conditions[other], paths)
            ratio = columns.take([other, first]).ratio([([0], [1])])
            pieces.append(weigh(ratio, low, high, about, columns.log))
    if not pieces:
        raise Unanswerable("no two conditions differ only in their dose")
    return Finding(region(f"ratio to the first {expect.axis}", low, high), pieces)
