"""The region in which a claim expects a number: data, from which sentences are made."""

import math
from collections.abc import Callable
from dataclasses import dataclass

from benchmark.declare.measure import Measure
from benchmark.wording import numbers


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
        form = "{:g}" if self.strict else "{:.4g}"
        return f"{self.statistic} {self._range(form.format)}"

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
        return f"{what} {self._range(numbers.number)}".strip()

    def of(self, measure: Measure) -> str:
        """What number it is of: "ratio: jitter of the training loss"."""
        what = self.statistic if self.words is None else self.words
        return f"{what}: {measure.words}" if what else measure.words

    def _range(self, written: Callable[[float], str]) -> str:
        # A negative nought, which `-by` may be, is a nought.
        low, high = (
            None if end is None else written(end + 0.0) for end in (self.low, self.high)
        )
        if low is not None and high is not None:
            return f"in ({low}, {high})" if self.strict else f"in [{low}, {high}]"
        if low is not None:
            return f"{'above' if self.strict else 'at least'} {low}"
        return f"{'below' if self.strict else 'at most'} {high}"
