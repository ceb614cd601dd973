"""The region in which a claim expects a number: data, from which sentences are made."""

import math
from dataclasses import dataclass

from benchmark.declare.measures import Measure
from benchmark.wording import words


@dataclass(frozen=True)
class Region:
    """[low, high] for a statistic; a side that is None is open.

    Attributes:
        statistic: the number, as results name it: "ratio", the name of a measure, "slope of
            log(measure) on log(training.batch_size)".
        low, high: the ends.
        words: the statistic in the words of a reader: "slope along batch size"; "" for the
            measure itself, None for `statistic`.
        neutral: the value that says "no effect", None where there is no such value.
        log: whether a logarithmic scale suits the statistic, where it is positive.
        strict: the ends themselves do not belong to the region.
    """

    statistic: str
    low: float | None = None
    high: float | None = None
    words: str | None = None
    neutral: float | None = None
    log: bool = False
    strict: bool = False

    def __str__(self) -> str:
        """As stored results have it: "ratio at least 2"."""
        low, high = self.low, self.high
        if self.strict:
            # A negative nought, which `-by` may be, is a nought.
            if high is None:
                return f"{self.statistic} above {_plain(low):g}"
            return f"{self.statistic} below {_plain(high):g}"
        if low is None:
            return f"{self.statistic} at most {high:.4g}"
        if high is None:
            return f"{self.statistic} at least {low:.4g}"
        return f"{self.statistic} in [{low:.4g}, {high:.4g}]"

    @property
    def ends(self) -> tuple[float, float]:
        """Both ends, infinite where a side is open."""
        return (
            -math.inf if self.low is None else self.low,
            math.inf if self.high is None else self.high,
        )

    @property
    def said(self) -> str:
        """In the words of a reader: "slope along batch size below 0"."""
        what = self.statistic if self.words is None else self.words
        return f"{what} {self._range()}".strip()

    def of(self, measure: Measure) -> str:
        """What number it is of: "ratio: jitter of the training loss"."""
        what = self.statistic if self.words is None else self.words
        return f"{what}: {words.measure(measure)}" if what else words.measure(measure)

    def _range(self) -> str:
        low, high = (
            "" if end is None else words.number(_plain(end)) for end in (self.low, self.high)
        )
        if low and high:
            return f"in ({low}, {high})" if self.strict else f"in [{low}, {high}]"
        one_sided = ("above", "below") if self.strict else ("at least", "at most")
        return f"{one_sided[0]} {low}" if low else f"{one_sided[1]} {high}"


def _plain(end: float | None) -> float:
    return (end or 0.0) + 0.0
