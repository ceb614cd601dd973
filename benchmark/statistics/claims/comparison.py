"""Comparisons of two arms, paired by seed: ratios and differences."""

from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from benchmark.declare.claims import (
    Claim,
    Expectation,
    Selection,
    check_ends,
    check_selection,
    number,
)
from benchmark.declare.designs import ARM
from benchmark.statistics.claims.evidence import Evidence, Finding, weigh
from benchmark.statistics.claims.pooling import from_the_others, pool
from benchmark.statistics.claims.region import Region
from benchmark.statistics.claims.summaries import Columns, Pair, Table
from benchmark.statistics.inference.statistic import Statistic
from benchmark.statistics.selection import ConditionResult, Unanswerable, matched
from benchmark.wording import words


@dataclass(frozen=True)
class Comparison(Expectation):
    """What two selections of conditions have compared lies in [low, high].

    It is compared within each stratum, then what is common to the strata is judged. A side
    that selects several conditions of a stratum is their mean.

    Attributes:
        log: whether positive measures are compared by their logarithms.
    """

    log: ClassVar[bool] = False

    @property
    @abstractmethod
    def sides(self) -> tuple[Selection, Selection]:
        """What is compared with what."""

    @property
    @abstractmethod
    def region(self) -> Region:
        """Where the ratio or difference should lie."""

    @abstractmethod
    def compare(self, columns: Columns, pairs: Sequence[Pair]) -> Statistic:
        """The first conditions of each pair against the second, mean over the pairs."""

    @abstractmethod
    def relative(self, columns: Columns, pairs: Sequence[Pair]) -> np.ndarray:
        """Weights [pair, condition] of the contrast by which pairs are held against each other.

        Raises:
            Unanswerable: as `Columns.denominators`.
        """

    @property
    def along(self) -> str | None:
        """The first setting in which the sides differ; arms are no axis."""
        first, second = self.sides
        return next((p for p in first if first[p] != second.get(p) and p != ARM), None)

    @property
    def words(self) -> str:
        """ "batch size 8 against 128: ratio at least 2"."""
        between = words.between(self.region.low, self.region.high)
        return f"{_against(*self.sides)}: {self.quantity} {between}"

    def examine(
        self, claim: Claim, conditions: Sequence[ConditionResult], table: Table
    ) -> Finding:
        """What is common to all strata; see `pool` for those that contradict each other."""
        first, second = self.sides
        # What is the same on both sides tells strata apart, not sides.
        along = sorted(
            path
            for path in {*first, *second}
            if path not in first or path not in second or first[path] != second[path]
        )
        both, pairs = matched(conditions, first, second, along)
        if not pairs:
            raise Unanswerable("no two conditions differ only in what is compared")
        columns, region = table.columns(both, claim.measure), self.region

        def weighed(some: Sequence[int], about: str) -> Evidence:
            chosen = [pairs[i] for i in some]
            used = sorted({i for pair in chosen for side in pair for i in side})
            places = [
                ([used.index(i) for i in a], [used.index(i) for i in b]) for a, b in chosen
            ]
            compared = self.compare(columns.take(used), places)
            return weigh(compared, region, about, log=self.log and columns.log)

        weights = self.relative(columns, pairs)
        pieces, apart, note = pool(
            [both[pair[0][0]] for pair in pairs],
            along,
            weighed,
            lambda parts: distances(columns, weights, parts),
        )
        return Finding(pieces, [note] if note else [], strata=apart)


@dataclass(frozen=True)
class Ratio(Comparison):
    """Measure under ``numerator`` over measure under ``denominator`` lies in [low, high].

    >>> Ratio({"training.batch_size": 8}, {"training.batch_size": 128}, low=2).words
    'batch size 8 against 128: ratio at least 2'
    """

    quantity = "ratio"
    log = True

    numerator: Selection
    denominator: Selection
    low: float | None = number(None)
    high: float | None = number(None)

    def __post_init__(self) -> None:
        check_selection(self, "numerator")
        check_selection(self, "denominator")
        super().__post_init__()
        check_ends(self)

    @property
    def sides(self) -> tuple[Selection, Selection]:
        """What is divided by what."""
        return self.numerator, self.denominator

    @property
    def region(self) -> Region:
        """A factor."""
        return Region("ratio", self.low, self.high, neutral=1.0, log=True)

    def compare(self, columns: Columns, pairs: Sequence[Pair]) -> Statistic:
        """Ratio of geometric means, or of means."""
        return columns.ratio(pairs)

    def relative(self, columns: Columns, pairs: Sequence[Pair]) -> np.ndarray:
        """Of what are no logarithms, differences relative to the level of the second side."""
        weights = _contrasts(columns, pairs)
        if columns.log:
            return weights
        return weights / np.array(columns.denominators(pairs))[:, None]


@dataclass(frozen=True)
class Difference(Comparison):
    """Measure under ``minuend`` minus measure under ``subtrahend`` lies in [low, high].

    >>> Difference({"training.order": "once"}, {"training.order": "sorted"}, high=0.1).words
    'batch order once against sorted: difference at most 0.1'
    """

    quantity = "difference"

    minuend: Selection
    subtrahend: Selection
    low: float | None = number(None)
    high: float | None = number(None)

    def __post_init__(self) -> None:
        check_selection(self, "minuend")
        check_selection(self, "subtrahend")
        super().__post_init__()
        check_ends(self)

    @property
    def sides(self) -> tuple[Selection, Selection]:
        """What is subtracted from what."""
        return self.minuend, self.subtrahend

    @property
    def region(self) -> Region:
        """A difference, in the unit of the measure."""
        return Region("difference", self.low, self.high, neutral=0.0)

    def compare(self, columns: Columns, pairs: Sequence[Pair]) -> Statistic:
        """Difference of the summaries themselves, not of their logarithms."""
        weights = np.mean([_contrast(len(columns.values), pair) for pair in pairs], axis=0)
        if columns.log:
            return columns.contrast(
                lambda y: np.sum(weights[:, None] * np.exp(y), axis=0), weights, linear=False
            )
        return columns.weighted(weights)

    def relative(self, columns: Columns, pairs: Sequence[Pair]) -> np.ndarray:
        """Differences as they are."""
        return _contrasts(columns, pairs)


def _against(first: Selection, second: Selection) -> str:
    """ "batch size 8 against 128", or what either side selects in full."""
    if set(first) == set(second) and len(first) == 1:
        (path,) = first
        pair = f"{words.levels(first[path])} against {words.levels(second[path])}"
        return f"{words.setting(path)} {pair}"
    return f"{words.selection(first)} against {words.selection(second)}"


def _contrasts(columns: Columns, pairs: Sequence[Pair]) -> np.ndarray:
    return np.stack([_contrast(len(columns.values), pair) for pair in pairs])


def _contrast(count: int, pair: Pair) -> np.ndarray:
    weights = np.zeros(count)
    weights[list(pair[0])] += 1 / len(pair[0])
    weights[list(pair[1])] -= 1 / len(pair[1])
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
    return [columns.weighted(contrast) for contrast in from_the_others(means)]
