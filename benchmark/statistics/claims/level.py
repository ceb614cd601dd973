"""What is said of every condition: a level, agreement with theory, no effect of a dose."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from benchmark.declare.claims import Claim, Expectation, check_axis, check_ends, number
from benchmark.declare.errors import own_number
from benchmark.statistics.claims.evidence import Finding, weigh
from benchmark.statistics.claims.picture import Band, Theory
from benchmark.statistics.claims.region import Region
from benchmark.statistics.claims.summaries import Table, doses
from benchmark.statistics.inference.statistic import OPEN
from benchmark.statistics.selection import (
    ConditionResult,
    Unanswerable,
    describe,
    distinguishing,
    strata,
)
from benchmark.wording import words


@dataclass(frozen=True)
class Within(Expectation):
    """In every selected condition the measure lies in [low, high].

    >>> Within(low=0.5, high=2).words
    '0.5 to 2'
    """

    low: float | None = number(None)
    high: float | None = number(None)

    def __post_init__(self) -> None:
        super().__post_init__()
        check_ends(self)

    @property
    def words(self) -> str:
        """ "at least 2"."""
        return words.between(self.low, self.high)

    def region(self, measure: str) -> Region:
        """Of the measure itself, by name."""
        return Region(measure, self.low, self.high, words="", log=True)

    def examine(
        self, claim: Claim, conditions: Sequence[ConditionResult], table: Table
    ) -> Finding:
        """The summary of every condition."""
        columns, region = (
            table.columns(conditions, claim.measure),
            self.region(claim.measure.name),
        )
        least, most = claim.measure.range or OPEN
        # No run can be beyond the end of a range.
        tested = replace(
            region,
            low=None if region.low is not None and region.low <= least else region.low,
            high=None if region.high is not None and region.high >= most else region.high,
        )
        pieces = [
            weigh(columns.take([i]).contrast(lambda y: y[0], [1.0]), tested, name, columns.log)
            for i, name in enumerate(_names(conditions))
        ]
        return Finding([replace(piece, region=region) for piece in pieces])

    def picture(self, claim: Claim) -> Band:
        """The level itself."""
        return Band(self.low, self.high)


@dataclass(frozen=True)
class Equals(Expectation):
    r"""In every selected condition measure over theory is within a factor 1 + ``within``.

    >>> Equals(lambda condition: condition.optimizer.learning_rate, within=0.1).words
    'as theory says, ±\xa010\xa0%'

    Attributes:
        theory: takes the condition and returns the predicted value (not zero).
        within: the margin.
    """

    quantity = "over theory"

    theory: Callable[[Any], float]
    within: float = number(0.05, at_least=0.0)

    @property
    def words(self) -> str:
        """ "as theory says, ± 5 %"."""
        return f"as theory says, {words.margin(self.within)}"

    @property
    def region(self) -> Region:
        """A factor either way."""
        factor = 1 + self.within
        said = "measured over theory"
        return Region("measure over theory", 1 / factor, factor, said, neutral=1.0, log=True)

    def predicted(self, claim: Claim, condition: Any) -> float:
        """What theory gives for a condition.

        Raises:
            UserError: it fails, or returns no number.
        """
        return own_number(f"The theory of claim {claim.name!r}", self.theory, condition)

    def rehearse(self, claim: Claim, conditions: Sequence[ConditionResult]) -> None:
        """Of every condition."""
        for result in conditions:
            self.predicted(claim, result.condition)

    def examine(
        self, claim: Claim, conditions: Sequence[ConditionResult], table: Table
    ) -> Finding:
        """The summary of every condition over what theory gives for it."""
        columns, region = table.columns(conditions, claim.measure), self.region
        pieces = []
        for i, name in enumerate(_names(conditions)):
            theory = self.predicted(claim, conditions[i].condition)
            if theory == 0 or not math.isfinite(theory):
                raise Unanswerable(f"theory gives {theory:g}{f' at {name}' if name else ''}")
            one = columns.take([i])
            log = columns.log and theory > 0
            if log:
                over = one.contrast(lambda y, by=theory: y[0] - math.log(by), [1.0])
            elif columns.log:
                over = one.contrast(
                    lambda y, by=theory: np.exp(y[0]) / by, [-1.0], linear=False
                )
            else:
                over = one.contrast(lambda y, by=theory: y[0] / by, [1 / theory])
            pieces.append(weigh(over, region, name, log))
        return Finding(pieces)

    def picture(self, claim: Claim) -> Theory:
        """What theory gives for every condition."""
        return Theory(lambda result: self.predicted(claim, result.condition))


@dataclass(frozen=True)
class NoEffect(Expectation):
    r"""At every dose the measure is within a factor 1 + ``margin`` of the first dose's.

    >>> NoEffect("model.width", margin=0.25).words
    'same at every width, ±\xa025\xa0%'
    """

    quantity = "ratio"

    axis: str
    margin: float = number(above=0.0)

    def __post_init__(self) -> None:
        check_axis(self)
        super().__post_init__()

    @property
    def along(self) -> str:
        """The dose."""
        return self.axis

    @property
    def words(self) -> str:
        """ "same at every batch size, ± 10 %"."""
        return f"same at every {words.setting(self.axis)}, {words.margin(self.margin)}"

    @property
    def region(self) -> Region:
        """A factor either way."""
        factor, name = 1 + self.margin, f"ratio to the first {self.axis}"
        said = f"ratio to the first {words.setting(self.axis)}"
        return Region(name, 1 / factor, factor, said, neutral=1.0, log=True)

    def examine(
        self, claim: Claim, conditions: Sequence[ConditionResult], table: Table
    ) -> Finding:
        """The ratio of every dose to the first one of its stratum."""
        doses(conditions, self.axis)
        columns, region = table.columns(conditions, claim.measure), self.region
        paths = [self.axis, *distinguishing(conditions, [self.axis])]
        pieces = []
        for first, *others in strata(conditions, [self.axis]):
            for other in others:
                about = describe(conditions[other], paths)
                ratio = columns.take([other, first]).ratio([([0], [1])])
                pieces.append(weigh(ratio, region, about, columns.log))
        if not pieces:
            raise Unanswerable("no two conditions differ only in their dose")
        return Finding(pieces)

    def picture(self, claim: Claim) -> Band:
        """About the measure at the first dose."""
        return Band(1 / (1 + self.margin), 1 + self.margin, first_of=self.axis)


def _names(conditions: Sequence[ConditionResult]) -> list[str]:
    paths = distinguishing(conditions)
    return [describe(result, paths) if paths else "" for result in conditions]
