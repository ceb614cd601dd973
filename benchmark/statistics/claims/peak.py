"""Peaks along an axis: is the measure largest inside of a region of doses?"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from benchmark.declare.claims import Claim, Expectation, check_axis, number
from benchmark.declare.errors import own_number
from benchmark.statistics.claims.evidence import Evidence, Finding, contrary, undefined
from benchmark.statistics.claims.picture import Place
from benchmark.statistics.claims.region import Region
from benchmark.statistics.claims.summaries import Columns, Table, doses
from benchmark.statistics.inference.intervals import LEVEL, Interval
from benchmark.statistics.selection import (
    ConditionResult,
    Unanswerable,
    describe,
    distinguishing,
    strata,
)
from benchmark.wording import numbers, words


@dataclass(frozen=True)
class Peaks(Expectation):
    """The measure is largest at dose ``at``, up to a factor ``within`` (at least 1).

    A peak is interior: a dose of the region is above all doses outside and above the lowest
    and the highest dose of the grid, beyond which the measure might go on rising.

    >>> Peaks("model.width", at=64, within=2).words
    'peaks along width at 64'

    Attributes:
        axis: path of the dose.
        at: the dose, or a function of the remaining settings (dotted path -> value).
        within: the factor.
    """

    quantity = "peak at"

    axis: str
    at: float | Callable[[Mapping[str, Any]], float] = number(at_least=0.0)
    within: float = number(at_least=1.0)

    def __post_init__(self) -> None:
        check_axis(self)
        super().__post_init__()

    @property
    def along(self) -> str:
        """The dose."""
        return self.axis

    @property
    def words(self) -> str:
        """ "peaks along batch size at 32"."""
        at = "where predicted" if callable(self.at) else f"at {numbers.number(self.at)}"
        return f"peaks along {words.setting(self.axis)} {at}"

    def place(self, claim: Claim, result: ConditionResult) -> float:
        """Where the peak is expected, given a condition's settings besides the axis.

        Raises:
            UserError: the function fails, or returns no number.
        """
        if not callable(self.at):
            return self.at
        rest = {path: value for path, value in result.settings.items() if path != self.axis}
        return own_number(f"`at` of claim {claim.name!r}", self.at, rest)

    def region(self, at: float) -> Region:
        """Doses about a place."""
        low, high = at / self.within, at * self.within
        said = f"peak along {words.setting(self.axis)}"
        return Region(f"peak along {self.axis}", low, high, said, log=True)

    def rehearse(self, claim: Claim, conditions: Sequence[ConditionResult]) -> None:
        """For every stratum."""
        for first, *_ in strata(conditions, [self.axis]):
            self.place(claim, conditions[first])

    def picture(self, claim: Claim) -> Place:
        """Where the peak is expected."""
        return Place(self.axis, lambda result: self.place(claim, result), self.within)

    def examine(
        self, claim: Claim, conditions: Sequence[ConditionResult], table: Table
    ) -> Finding:
        """The dose at which the measure is largest, held against a region, in every stratum."""
        all_doses = doses(conditions, self.axis)
        columns = table.columns(conditions, claim.measure)
        known = np.isfinite(columns.draws.estimate)
        paths = distinguishing(conditions, [self.axis])
        pieces, notes = [], []
        for group in strata(conditions, [self.axis]):
            example = conditions[group[0]]
            region = self.region(self.place(claim, example))
            about = describe(example, paths) if paths else ""
            if not _near(all_doses[group], region).any():
                low, high = region.ends
                raise Unanswerable(f"no dose of {self.axis} lies between {low:g} and {high:g}")
            if len(set(all_doses[group])) < 3:
                raise Unanswerable(
                    "a peak needs three conditions that differ only in their dose"
                )
            kept = [i for i in group if known[i]]
            gone = [f"{all_doses[i]:g}" for i in group if not known[i]]
            if gone:
                notes.append(
                    f"left out, undefined in most runs: {self.axis} = {', '.join(gone)}"
                )
            ordered = sorted(kept, key=lambda i: all_doses[i])
            pieces.append(_weigh(all_doses[ordered], columns.take(ordered), region, about))
        sides = {piece.inside for piece in pieces if piece.p < 1}
        disagree = len(sides) > 1 and contrary(pieces) < 1 - LEVEL
        return Finding(pieces, notes, strata=disagree)


def _near(some: np.ndarray, region: Region) -> np.ndarray:
    """Which doses are in the region, bool [condition]."""
    low, high = region.ends
    # A hair of slack: at * within is rounded, the doses are as declared.
    return (some >= low * (1 - 1e-9)) & (some <= high * (1 + 1e-9))


def _weigh(here: np.ndarray, columns: Columns, region: Region, about: str) -> Evidence:
    """Simultaneous contrasts between the doses of the region and all others.

    A peak is interior: the lowest and the highest dose of the grid may belong to a slope that
    goes on, so they are no peak wherever the region lies. It is in the region if one of its
    interior doses is surely above every dose outside and above both ends of the grid
    (intersection–union over those, Bonferroni over the doses that may be it); it is
    elsewhere if a dose outside is surely above all in the region.

    Args:
        here: doses in order, [condition].
        columns: the measure there.
        region: where the peak is expected.
        about: what the peak belongs to.
    """
    heights = columns.draws.estimate
    runs = min(np.sum(np.isfinite(columns.values), axis=1).tolist(), default=0)
    near = _near(here, region)
    interior = np.zeros(len(here), dtype=bool)
    interior[1:-1] = True
    inside, outside = np.flatnonzero(near & interior), np.flatnonzero(~near)
    rivals = np.flatnonzero(~(near & interior))
    if len(here) < 3 or not len(inside) or (runs < 2 and not columns.certain):
        why = "no dose of the region has a dose on either side"
        return undefined(about, region, runs, why)
    above = _surely_above(columns)
    there = min(1.0, len(inside) * min(float(above[i, rivals].max()) for i in inside))
    elsewhere = min(
        (min(1.0, len(outside) * float(above[o, near].max())) for o in outside), default=1.0
    )
    peak = float(here[int(np.argmax(heights))])
    place = Interval(peak, *_not_surely_lower(here, above))
    is_inside = bool(near[int(np.argmax(heights))])
    p = min(1.0, 2 * (there if is_inside else elsewhere))
    remark = "" if interior[int(np.argmax(heights))] else "highest at the end of the grid"
    return Evidence(about, region, place, is_inside, p, runs, remark)


def _surely_above(columns: Columns) -> np.ndarray:
    """One-sided p-value of "[row] is not above [column]"."""
    count = len(columns.values)
    p_values = np.ones((count, count))
    for i in range(count):
        for j in range(i):
            gap = columns.take([i, j]).contrast(lambda y: y[0] - y[1], [1.0, -1.0])
            p_values[i, j], p_values[j, i] = gap.tails(0.0)
    return p_values


def _not_surely_lower(here: np.ndarray, above: np.ndarray) -> tuple[float, float]:
    """Range of the doses that no other is surely above, at 2.5 % for all pairs together."""
    rivals = max(1, len(here) - 1)
    top = here[(above * rivals).min(axis=0) >= 0.025]
    if not len(top):
        return np.nan, np.nan
    return float(top.min()), float(top.max())
