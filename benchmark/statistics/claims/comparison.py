"""Comparisons of two arms, paired by seed: ratios and differences."""

from collections.abc import Sequence

import numpy as np

from benchmark.declare.claims import Claim, Difference, Ratio
from benchmark.statistics.claims.pooling import pool
from benchmark.statistics.claims.summaries import Columns, Pair, Table, region
from benchmark.statistics.inference.evidence import Evidence, Finding, Statistic, weigh
from benchmark.statistics.selection import ConditionResult, Unanswerable, matched


def examine_comparison(
    claim: Claim,
    expect: Ratio | Difference,
    conditions: Sequence[ConditionResult],
    table: Table,
) -> Finding:
    """Ratio (difference) within each stratum, then what is common to the strata.

    An arm that selects several conditions of a stratum is their mean. Strata that surely
    contradict each other are not pooled, see `pool`.

    Raises:
        Unanswerable: an arm is missing, or what is divided by may be zero.
    """
    first, second = (
        (expect.numerator, expect.denominator)
        if isinstance(expect, Ratio)
        else (expect.minuend, expect.subtrahend)
    )
    # What is the same on both sides tells strata apart, not sides.
    along = sorted(
        path
        for path in {*first, *second}
        if path not in first or path not in second or first[path] != second[path]
    )
    both, pairs = matched(conditions, first, second, along)
    if not pairs:
        raise Unanswerable("no two conditions differ only in what is compared")
    columns = table.columns(both, claim.measure)
    ratio = isinstance(expect, Ratio)
    compare = _ratio if ratio else _difference

    def weighed(some: Sequence[int], about: str) -> Evidence:
        chosen = [pairs[i] for i in some]
        used = sorted({i for pair in chosen for side in pair for i in side})
        places = [([used.index(i) for i in a], [used.index(i) for i in b]) for a, b in chosen]
        return weigh(
            compare(columns.take(used), places),
            expect.low,
            expect.high,
            about,
            log=ratio and columns.log,
            no_effect=float(ratio and not columns.log),
        )

    weights = _relative_weights(columns, pairs, ratio)
    pieces, apart, note = pool(
        [both[pair[0][0]] for pair in pairs],
        along,
        weighed,
        lambda parts: distances(columns, weights, parts),
    )
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
    return columns.weighted(weights)


def _weights(count: int, pair: Pair) -> np.ndarray:
    weights = np.zeros(count)
    weights[list(pair[0])] += 1 / len(pair[0])
    weights[list(pair[1])] -= 1 / len(pair[1])
    return weights


def _relative_weights(columns: Columns, pairs: Sequence[Pair], ratio: bool) -> np.ndarray:
    """Weights of every pair's contrast, [pair, condition].

    Ratios of numbers that are no logarithms are compared as differences relative to the
    level of the second side.

    Raises:
        Unanswerable: as `Columns.denominators`.
    """
    weights = np.stack([_weights(len(columns.values), pair) for pair in pairs])
    if ratio and not columns.log:
        weights = weights / np.array(columns.denominators(pairs))[:, None]
    return weights


def distances(
    columns: Columns, weights: np.ndarray, parts: Sequence[Sequence[int]]
) -> list[Statistic]:
    """How far each group of strata is from the mean of the others: 0 where all are alike.

    Args:
        columns: the measure, by condition.
        weights: of every stratum's contrast, [stratum, condition].
        parts: places of the strata of each group.
    """
    means = np.stack([weights[list(part)].mean(axis=0) for part in parts])
    others = (means.sum(axis=0) - means) / (len(parts) - 1)
    return [columns.weighted(one) for one in means - others]
