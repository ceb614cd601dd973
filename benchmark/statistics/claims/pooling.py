"""Several strata: do they have a common answer, and if not, on what does it depend?"""

from collections.abc import Callable, Sequence

import numpy as np
from jaxtyping import Float

from benchmark.statistics.claims.evidence import Evidence
from benchmark.statistics.inference.intervals import LEVEL
from benchmark.statistics.inference.statistic import Statistic
from benchmark.statistics.selection import ConditionResult, describe, distinguishing

Parts = list[list[int]]
"""Strata, by their places, in groups."""


def pool(
    examples: Sequence[ConditionResult],
    along: Sequence[str],
    weighed: Callable[[Sequence[int], str], Evidence],
    distances: Callable[[Parts], list[Statistic]],
) -> tuple[list[Evidence], bool, str]:
    """What stands for several strata: their common statistic, or parts of them that differ.

    Strata are compared one by one, and level by level of every setting that tells them apart.
    Where some surely differ from the others (Bonferroni over all comparisons), and not all
    are on one side of what is claimed, there is no common answer: the parts that differ
    most surely stand for themselves.

    Args:
        examples: a condition of every stratum.
        along: settings that the strata do not stand for.
        weighed: the statistic common to some strata, held against the region.
        distances: of each group of strata from the mean of the other groups.

    Returns:
        The pieces to judge, whether they are parts with contrary estimates, and a note.
    """
    everything = list(range(len(examples)))
    if len(examples) < 2:
        return [weighed(everything, "")], False, ""
    paths = distinguishing(examples, along)
    whole = weighed(everything, "")
    each = [weighed([i], describe(examples[i], paths)) for i in everything]
    if not all(piece.defined for piece in each):
        return [whole], False, ""
    numbers = [piece.number.estimate for piece in each]
    span = f"from {min(numbers):.3g} to {max(numbers):.3g}"
    note = f"pooled over {len(each)} strata, {span}"
    splits = [[[i] for i in everything], *_by_level(examples, paths)]
    tested = [(_alike(distances(parts)) * len(splits), parts) for parts in splits]
    p, parts = min(tested, key=lambda one: one[0])
    if p >= 1 - LEVEL:
        return [whole], False, note
    pieces = [weighed(part, _name(part, parts, examples, paths)) for part in parts]
    if len({piece.inside for piece in pieces}) == 1:
        one_way = len({piece.above for piece in pieces}) == 1
        return ([whole], False, note) if one_way else (pieces, True, f"not pooled: {span}")
    return pieces, True, f"not pooled: {len(each)} strata, {span}"


def _by_level(examples: Sequence[ConditionResult], paths: Sequence[str]) -> list[Parts]:
    """The strata grouped by the level of one setting, for every one that makes groups."""
    splits = []
    for path in paths:
        levels: dict[str, list[int]] = {}
        for place, example in enumerate(examples):
            levels.setdefault(str(example.settings.get(path)), []).append(place)
        if 1 < len(levels) < len(examples):
            splits.append(list(levels.values()))
    return splits


def _name(
    part: list[int], parts: Parts, examples: Sequence[ConditionResult], paths: Sequence[str]
) -> str:
    """What the strata of a part have in common that those of other parts do not."""

    def same(path: str, places: Sequence[int]) -> bool:
        return len({str(examples[i].settings.get(path)) for i in places}) == 1

    telling = [
        path
        for path in paths
        if all(same(path, each) for each in parts)
        and not same(path, [i for each in parts for i in each])
    ]
    return describe(examples[part[0]], telling)


def from_the_others(means: Float[np.ndarray, "part condition"]) -> np.ndarray:
    """Weights of how far each part is from the mean of the others, [part, condition].

    Args:
        means: weights of the mean of each part; two parts or more.
    """
    return means - (means.sum(axis=0) - means) / (len(means) - 1)


def _alike(distances: Sequence[Statistic]) -> float:
    """p-value of "all are alike", from how far each is from the others."""
    p = [2 * min(each.tails(0.0)) for each in distances]
    # Of two, one is as far from the other as the other from the one.
    count = 1 if len(p) == 2 else len(p)
    return float(np.minimum(1.0, count * min(p, default=1.0)))
