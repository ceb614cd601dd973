"""Trends along an axis: power laws, increases, decreases."""

from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from benchmark.declare.claims import Claim, Expectation, check_axis, number
from benchmark.statistics.claims.evidence import Evidence, Finding, weigh
from benchmark.statistics.claims.picture import Law
from benchmark.statistics.claims.pooling import from_the_others, pool
from benchmark.statistics.claims.region import Region
from benchmark.statistics.claims.summaries import Columns, Table, doses
from benchmark.statistics.inference.statistic import Statistic
from benchmark.statistics.selection import (
    ConditionResult,
    Unanswerable,
    describe,
    distinguishing,
    strata,
)
from benchmark.wording import numbers, words


@dataclass(frozen=True)
class Trend(Expectation):
    """The slope of the measure along an axis lies in a region.

    The slope is the least-squares slope of log(measure) on log(axis) for positive measures
    (those summarised by their geometric mean, see `Measure.over_runs`), else of the measure
    itself; where a dose is not positive, on the dose itself. It speaks of the trend over
    all doses, not of every step.

    Attributes:
        axis: path of the dose.
        of_power: whether measure and dose must be positive, and have logarithms taken.
    """

    of_power: ClassVar[bool] = False
    quantity = "slope"

    axis: str

    def __post_init__(self) -> None:
        check_axis(self)
        super().__post_init__()

    @property
    def along(self) -> str:
        """The dose."""
        return self.axis

    @abstractmethod
    def region(self, statistic: str) -> Region:
        """Where the slope, so named, should lie."""

    def examine(
        self, claim: Claim, conditions: Sequence[ConditionResult], table: Table
    ) -> Finding:
        """Slope common to all strata, held against its region.

        Strata that surely contradict each other are not pooled, see `pool`.
        """
        doses(conditions, self.axis)
        columns = table.columns(conditions, claim.measure)
        kept = np.flatnonzero(np.isfinite(columns.draws.estimate)).tolist()
        if not kept:
            raise Unanswerable("the measure is undefined in most runs of every condition")
        notes = _left_out(conditions, set(kept), self.axis)
        conditions, columns = [conditions[i] for i in kept], columns.take(kept)
        x = doses(conditions, self.axis)
        log_dose = bool((x > 0).all())
        if self.of_power and not (log_dose and (columns.summaries > 0).all()):
            raise Unanswerable(
                f"a power law needs positive {self.axis} and {claim.measure.name}"
            )
        log_measure = self.of_power or columns.log
        region = self.region(
            f"slope of {'log(measure)' if log_measure else 'the measure'} on "
            f"{f'log({self.axis})' if log_dose else self.axis}"
        )
        of_log = self.of_power and not columns.log
        slopes = _Slopes(columns, np.log(x) if log_dose else x, of_log)
        groups = [g for g in strata(conditions, [self.axis]) if len(set(x[g])) > 1]
        if not groups:
            raise Unanswerable("no two conditions differ only in their dose")

        def weighed(some: Sequence[int], about: str) -> Evidence:
            return weigh(slopes.common([groups[i] for i in some]), region, about)

        pieces, apart, note = pool(
            [conditions[group[0]] for group in groups],
            [self.axis],
            weighed,
            lambda parts: slopes.distances(groups, parts),
        )
        if not self.of_power:
            notes += slopes.reversals(x, groups, "falls" if region.high is None else "rises")
        return Finding(pieces, [note, *notes] if apart else notes, apart)


@dataclass(frozen=True)
class PowerLaw(Trend):
    """Slope of log(measure) on log(axis) lies in [exponent - within, exponent + within].

    >>> PowerLaw("training.batch_size", -0.5, within=0.1).words
    'goes as batch size to the power −0.5 ± 0.1'
    """

    of_power = True

    exponent: float = number()
    within: float = number(at_least=0.0)

    @property
    def words(self) -> str:
        """ "goes as batch size to the power −0.5"."""
        spread = f" ± {numbers.number(self.within)}" if self.within else ""
        power = numbers.number(self.exponent)
        return f"goes as {words.setting(self.axis)} to the power {power}{spread}"

    def region(self, statistic: str) -> Region:
        """An exponent, give or take."""
        low, high = self.exponent - self.within, self.exponent + self.within
        return Region(statistic, low, high, _slope(self.axis), neutral=0.0)

    def picture(self, claim: Claim) -> Law:
        """A line of this slope on logarithmic scales."""
        return Law(self.axis, self.exponent)


@dataclass(frozen=True)
class Increases(Trend):
    """The measure rises along the axis: its slope (see `Trend`) is above ``by``.

    >>> Increases("optimizer.learning_rate", by=0.5).words
    'rises with learning rate, slope beyond 0.5'
    """

    by: float = number(0.0, at_least=0.0)

    @property
    def words(self) -> str:
        """ "rises with batch size"."""
        return f"rises with {words.setting(self.axis)}{_beyond(self.by)}"

    def region(self, statistic: str) -> Region:
        """Above `by`, which itself is no increase."""
        return Region(statistic, self.by, None, _slope(self.axis), neutral=0.0, strict=True)


@dataclass(frozen=True)
class Decreases(Trend):
    """The measure falls along the axis: its slope (see `Trend`) is below ``-by``.

    >>> Decreases("training.batch_size").words
    'falls with batch size'
    """

    by: float = number(0.0, at_least=0.0)

    @property
    def words(self) -> str:
        """ "falls with batch size"."""
        return f"falls with {words.setting(self.axis)}{_beyond(self.by)}"

    def region(self, statistic: str) -> Region:
        """Below `-by`, which itself is no decrease."""
        return Region(statistic, None, -self.by, _slope(self.axis), neutral=0.0, strict=True)


def _slope(axis: str) -> str:
    return f"slope along {words.setting(axis)}"


def _beyond(slope: float) -> str:
    return f", slope beyond {numbers.number(slope)}" if slope else ""


class _Slopes:
    """Least-squares slopes of summaries on positions, within strata.

    Attributes:
        columns: the measure.
        x: positions, [condition].
        of_log: summaries are no logarithms, but their logarithms have the slope.
    """

    def __init__(self, columns: Columns, x: np.ndarray, of_log: bool) -> None:
        self.columns, self.x, self.of_log = columns, x, of_log

    def common(self, groups: Sequence[Sequence[int]]) -> Statistic:
        """The slope common to several strata."""
        return self._statistic(slope_weights(self.x, groups))

    def distances(
        self, groups: Sequence[Sequence[int]], parts: Sequence[Sequence[int]]
    ) -> list[Statistic]:
        """How far each part's common slope is from the mean of the others'."""
        means = np.stack([slope_weights(self.x, [groups[i] for i in part]) for part in parts])
        return [self._statistic(contrast) for contrast in from_the_others(means)]

    def _statistic(self, weights: np.ndarray) -> Statistic:
        if not self.of_log:
            return self.columns.weighted(weights)
        used = np.flatnonzero(weights)
        w = weights[used]

        def slope(y: np.ndarray) -> np.ndarray:
            return np.sum(w[:, None] * np.log(y), axis=0)

        return self.columns.take(used.tolist()).contrast(slope, w, linear=False)

    def reversals(self, x: np.ndarray, groups: Sequence[Sequence[int]], verb: str) -> list[str]:
        """A note on neighbouring doses between which the measure surely goes the other way."""
        spans = []
        for group in groups:
            ordered = sorted(group, key=lambda i: x[i])
            for here, there in zip(ordered, ordered[1:], strict=False):
                step = self.columns.take([there, here]).contrast(lambda y: y[0] - y[1], [1, -1])
                tails = step.tails(0.0)
                wrong = tails.at_most if verb == "rises" else tails.at_least
                if x[there] > x[here] and wrong < 0.025 / len(x):
                    spans.append(f"{x[here]:g} to {x[there]:g}")
        return [f"but it {verb} from {', '.join(dict.fromkeys(spans))}"] if spans else []


def slope_weights(x: np.ndarray, groups: Sequence[Sequence[int]]) -> np.ndarray:
    """Weights of the least-squares slope within strata, [condition]; 0 outside of them.

    Args:
        x: positions [condition].
        groups: places of the conditions of each stratum; one has two positions or more.
    """
    centred = np.zeros(len(x))
    for group in groups:
        centred[list(group)] = x[list(group)] - np.mean(x[list(group)])
    return centred / np.sum(centred**2)


def _left_out(conditions: Sequence[ConditionResult], kept: set[int], axis: str) -> list[str]:
    out = [result for i, result in enumerate(conditions) if i not in kept]
    if not out:
        return []
    paths = [axis, *distinguishing(conditions, [axis])]
    return [f"left out, undefined in most runs: {'; '.join(describe(r, paths) for r in out)}"]
