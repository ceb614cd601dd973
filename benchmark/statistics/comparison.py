"""Comparisons of two arms, paired by seed: ratios and differences."""

from collections.abc import Sequence

import numpy as np

from benchmark.declare.claims import Claim, Difference, Ratio
from benchmark.statistics.evidence import Finding, weigh
from benchmark.statistics.resampling import Draws
from benchmark.statistics.selection import ConditionResult, Unanswerable, matched
from benchmark.statistics.table import Table, region, vanishes


def examine_comparison(
    claim: Claim,
    expect: Ratio | Difference,
    conditions: Sequence[ConditionResult],
    table: Table,
) -> Finding:
    """Ratio (difference) within each stratum, then the geometric (plain) mean over strata.

    An arm that selects several conditions of a stratum is their mean of the same kind.

    Raises:
        Unanswerable: an arm is missing, or what is divided by may be zero.
    """
    ratio = isinstance(expect, Ratio)
    first, second = (
        (expect.numerator, expect.denominator)
        if isinstance(expect, Ratio)
        else (expect.minuend, expect.subtrahend)
    )
    both, pairs = matched(conditions, first, second, sorted({*first, *second}))
    if not pairs:
        raise Unanswerable("no two conditions differ only in what is compared")
    draws = table.draws(both, claim.measure)
    if ratio and vanishes(draws.values[[i for pair in pairs for i in pair[1]]]):
        raise Unanswerable("the denominator is not clearly different from zero")
    mean = _geometric_mean if ratio else _mean

    def by_stratum(summaries: np.ndarray) -> np.ndarray:
        """[condition, draw] -> [stratum, draw]"""
        top, bottom = (np.stack([mean(summaries[pair[s]]) for pair in pairs]) for s in (0, 1))
        return top / bottom if ratio else top - bottom

    used = sorted({i for pair in pairs for side in pair for i in side})
    pooled = draws.map(lambda summaries: mean(by_stratum(summaries)))
    statistic = Draws(pooled.values, draws.groups, int(np.min(draws.runs[used])))
    notes = []
    if len(pairs) > 1:
        parts = draws.map(by_stratum).estimate
        notes = [f"pooled over {len(pairs)} strata, from {min(parts):.3g} to {max(parts):.3g}"]
    return Finding(
        region("ratio" if ratio else "difference", expect.low, expect.high),
        [weigh(statistic, expect.low, expect.high)],
        notes,
    )


def _mean(values: np.ndarray) -> np.ndarray:
    return np.mean(values, axis=0)


def _geometric_mean(values: np.ndarray) -> np.ndarray:
    """Over the first axis; a single value keeps its sign, several must be positive."""
    if len(values) == 1:
        return values[0]
    return np.exp(np.mean(np.log(np.where(values > 0, values, np.nan)), axis=0))
