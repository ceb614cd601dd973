"""Whether runs of other seeds agree with the reference, measure by measure.

A row *agrees* if the 90 % interval of its difference lies inside the margin: two one-sided
tests of 5 %. It *differs* if it does not, and a difference is sure at a level of 5 % for all
rows together (Holm). Otherwise it is *open*, and more seeds would tell. Margins are in
`equivalence`. Whether runs diverge or spike, or have a value at all, is compared as a share
of runs.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from benchmark.declare.measures import EVENTS, Measure
from benchmark.statistics.curves import PerRun
from benchmark.statistics.equivalence import Compared, compare_runs, compare_shares
from benchmark.statistics.selection import ConditionResult, describe, distinguishing
from benchmark.statistics.verdicts import FAMILY_WISE, holm

Outcome = Literal["agrees", "open", "differs"]
FEWEST = 3
"""Runs with a value that a comparison needs on each side."""


@dataclass(frozen=True)
class Agreement:
    """One measure of one condition in the reference (first) and here (second).

    Attributes:
        condition: id.
        about: the condition in words.
        measure: name, or "no NAME" for the share of runs without a value.
        compared: the numbers.
        adjusted_p: p after Holm's correction over all rows.
        outcome: "agrees", "open" or "differs".
    """

    condition: str
    about: str
    measure: str
    compared: Compared
    adjusted_p: float

    @property
    def outcome(self) -> Outcome:
        """What the row says."""
        if self.compared.inside:
            return "agrees"
        return "differs" if self.adjusted_p < FAMILY_WISE else "open"


@dataclass(frozen=True)
class Tally:
    """What all conditions say on one measure.

    Attributes:
        measure: name.
        agree, open, differ: numbers of rows.
        worst: the row that is nearest to differing, or differs most surely.
    """

    measure: str
    agree: int
    open: int
    differ: int
    worst: Agreement


def agreements(
    reference: Sequence[ConditionResult],
    fresh: Sequence[ConditionResult],
    measures: Sequence[Measure],
) -> list[Agreement]:
    """Compare the conditions that both sides have.

    Args:
        reference: conditions whose runs set the margins.
        fresh: conditions with runs of other seeds.
        measures: what is compared; a condition that lacks it on a side leaves it out.

    Returns:
        One row per condition and measure, and one more where some runs have no value.
    """
    here = {result.id: result for result in fresh}
    there = list({result.id: result for result in reference if result.id in here}.values())
    rows = [
        (result, name, found)
        for result in there
        for measure in measures
        if result.holds(measure) and here[result.id].holds(measure)
        for name, found in _rows(
            measure, result.measured(measure), here[result.id].measured(measure)
        )
    ]
    adjusted = holm(np.array([found.p for _, _, found in rows]))
    paths = distinguishing(there)
    return [
        Agreement(result.id, describe(result, paths) if paths else "", name, found, float(p))
        for (result, name, found), p in zip(rows, adjusted, strict=True)
    ]


def tallies(rows: Sequence[Agreement]) -> list[Tally]:
    """The rows counted by measure, in order of appearance."""
    found = []
    for name in dict.fromkeys(row.measure for row in rows):
        mine = [row for row in rows if row.measure == name]
        counts = Counter(row.outcome for row in mine)
        worst = min(mine, key=_badness)
        found.append(Tally(name, counts["agrees"], counts["open"], counts["differs"], worst))
    return found


def _badness(row: Agreement) -> tuple[bool, float, float]:
    """Order of rows, the worst first; a ratio is as far from 1 upwards as downwards."""
    held = row.compared
    if held.scale == "ratio":
        with np.errstate(divide="ignore"):
            share = abs(np.log(held.difference)) / np.log(held.margin)
    else:
        share = abs(held.difference) / held.margin
    return held.inside, held.p if not held.inside else 0.0, -float(share)


def _rows(measure: Measure, first: PerRun, second: PerRun) -> Iterator[tuple[str, Compared]]:
    """The rows of one measure of one condition."""
    if measure.kind in EVENTS:
        yield measure.name, compare_shares(first > 0, second > 0)
        return
    known = np.isfinite(first), np.isfinite(second)
    if not (known[0].all() and known[1].all()):
        yield f"no {measure.name}", compare_shares(~known[0], ~known[1])
    values = first[known[0]], second[known[1]]
    if min(map(len, values)) >= FEWEST:
        yield measure.name, compare_runs(*values, measure.summary)
