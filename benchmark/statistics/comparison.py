"""Comparisons of two arms, paired by seed: ratios and differences."""

from collections.abc import Sequence

import numpy as np

from benchmark.declare.claims import Claim, Difference, Ratio
from benchmark.statistics.evidence import Evidence, Finding, Statistic, pooled, weigh
from benchmark.statistics.selection import (
    ConditionResult,
    Unanswerable,
    describe,
    distinguishing,
    matched,
)
from benchmark.statistics.table import Columns, Table, region

Pair = tuple[list[int], list[int]]
"""Places of the conditions on either side of a comparison that agree in all other settings."""


def examine_comparison(
    claim: Claim,
    expect: Ratio | Difference,
    conditions: Sequence[ConditionResult],
    table: Table,
) -> Finding:
    """Ratio (difference) within each stratum, then what is common to the strata.

    An arm that selects several conditions of a stratum is their mean. Strata that surely
    contradict each other are not pooled, see `pooled`.

    Raises:
        Unanswerable: an arm is missing, or what is divided by may be zero.
    """
    first, second = (
        (expect.numerator, expect.denominator)
        if isinstance(expect, Ratio)
        else (expect.minuend, expect.subtrahend)
    )
    along = sorted({*first, *second})
    both, pairs = matched(conditions, first, second, along)
    if not pairs:
        raise Unanswerable("no two conditions differ only in what is compared")
    columns = table.columns(both, claim.measure)
    ratio = isinstance(expect, Ratio)
    compare = _ratio if ratio else _difference

    def weighed(some: Sequence[Pair], about: str = "") -> Evidence:
        used = sorted({i for pair in some for side in pair for i in side})
        places = [([used.index(i) for i in a], [used.index(i) for i in b]) for a, b in some]
        return weigh(
            compare(columns.take(used), places),
            expect.low,
            expect.high,
            about,
            log=ratio and columns.log,
            no_effect=float(ratio and not columns.log),
        )

    paths = distinguishing([both[pair[0][0]] for pair in pairs])
    strata = [weighed([pair], describe(both[pair[0][0]], paths)) for pair in pairs]
    pieces, apart, note = pooled(weighed(pairs), strata, _distances(columns, pairs, ratio))
    what = "ratio" if ratio else "difference"
    return Finding(
        region(what, expect.low, expect.high), pieces, [note] if note else [], strata=apart
    )


def _ratio(columns: Columns, pairs: Sequence[Pair]) -> Statistic:
    return columns.ratio(pairs)


def _difference(columns: Columns, pairs: Sequence[Pair]) -> Statistic:
    """Mean difference over the pairs; of the summaries themselves, not of their logarithms."""
    weights = np.mean([_weights(len(columns.values), pair) for pair in pairs], axis=0)
    if columns.log:
        return columns.contrast(
            lambda y: np.sum(weights[:, None] * np.exp(y), axis=0), weights, linear=False
        )
    return columns.contrast(lambda y: np.sum(weights[:, None] * y, axis=0), weights)


def _weights(count: int, pair: Pair) -> np.ndarray:
    weights = np.zeros(count)
    weights[pair[0]] += 1 / len(pair[0])
    weights[pair[1]] -= 1 / len(pair[1])
    return weights


def _distances(columns: Columns, pairs: Sequence[Pair], ratio: bool) -> list[Statistic]:
    """How far each pair is from the mean of the others: 0 where all are alike.

    Ratios of numbers that are no logarithms are compared as differences relative to the
    level of the second side.
    """
    if len(pairs) < 2:
        return []
    weights = np.stack([_weights(len(columns.values), pair) for pair in pairs])
    if ratio and not columns.log:
        levels = [abs(columns.draws.estimate[pair[1]].mean()) for pair in pairs]
        weights = weights / np.array(levels)[:, None]
    others = (weights.sum(axis=0) - weights) / (len(pairs) - 1)
    return [
        columns.contrast(lambda y, w=one: np.sum(w[:, None] * y, axis=0), one)
        for one in weights - others
    ]
