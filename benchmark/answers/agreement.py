"""Whether runs of other seeds agree with the reference: measures, and verdicts on claims.

A row *agrees* if the 90 % interval of its difference lies inside the margin: two one-sided
tests of 5 %. It *differs* if it does not, and a difference is sure at a level of 5 % for all
rows of all scenarios that are compared together (Holm). Otherwise it is *open*, and more
seeds would tell. Margins are in `equivalence`. Whether runs diverge or spike, or have a value
at all, is compared as a share of runs.

What is nothing but rounding is not compared: a row whose resolution is infinite in most runs
says *rounding*. Elsewhere one resolution holds for both sides, the `TYPICAL` quantile over
the runs whose curves are at hand. Those of the fresh runs always are, and serve the reference
as well where it does not say its own: under the null they are of one distribution, and if
the fresh curves were so much larger that their rounding hid a difference, they would differ
by far in every measure of size.

A verdict *reversed* is one of supported and refuted; any other change has *moved*, which is
no difference: fewer runs decide less.
"""

import math
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from benchmark.declare.measure import Measure
from benchmark.statistics.claims.verdicts import Verdict
from benchmark.statistics.inference.equivalence import (
    Compared,
    compare_runs,
    compare_shares,
    noticeable,
)
from benchmark.statistics.inference.multiplicity import FAMILY_WISE, holm
from benchmark.statistics.measures import Event
from benchmark.statistics.selection import ConditionResult, describe, distinguishing

Outcome = Literal["agrees", "open", "differs", "rounding"]
FEWEST = 3
"""Runs with a value that a comparison needs on each side."""
TYPICAL = 0.9
"""Quantile over runs of their resolutions: a few wild runs do not blur the others."""


@dataclass(frozen=True)
class Agreement:
    """One measure of one condition in the reference (first) and here (second).

    Attributes:
        condition: id.
        about: the condition in words.
        measure: name, or "no NAME" for the share of runs without a value.
        compared: the numbers; None where single precision knows none.
        adjusted_p: p after Holm's correction over all rows compared together.
        noticeable: the smallest true difference that would have been found in 80 % of cases,
            if it were the only one: a factor or a difference, as `compared` says.
    """

    condition: str
    about: str
    measure: str
    compared: Compared | None
    adjusted_p: float
    noticeable: float = math.nan

    @property
    def outcome(self) -> Outcome:
        """What the row says."""
        if self.compared is None:
            return "rounding"
        if self.compared.inside:
            return "agrees"
        return "differs" if self.adjusted_p < FAMILY_WISE else "open"

    @property
    def noticeable_sds(self) -> float:
        """`noticeable` in run-to-run SDs of the reference; NaN for what has none."""
        if self.compared is None or self.compared.spread == 0:
            return math.nan
        shift = self.noticeable
        return (math.log(shift) if self.compared.scale == "ratio" else shift) / (
            self.compared.spread
        )


@dataclass(frozen=True)
class Judged:
    """The verdicts on one claim."""

    reference: Verdict
    fresh: Verdict

    @property
    def outcome(self) -> Literal["same", "moved", "reversed"]:
        """Whether both say the same."""
        both = {self.reference.verdict, self.fresh.verdict}
        if len(both) == 1:
            return "same"
        return "reversed" if both == {"supported", "refuted"} else "moved"


@dataclass(frozen=True)
class Tally:
    """What all conditions say on one measure.

    Attributes:
        measure: name.
        agree, open, differ: numbers of rows.
        worst: the row that is nearest to differing, or differs most surely.
        compared: its numbers.
    """

    measure: str
    agree: int
    open: int
    differ: int
    worst: Agreement
    compared: Compared


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
        One row per condition and measure, and one more where some runs have no value; p is
        not adjusted yet, see `together`.
    """
    here = {result.id: result for result in fresh}
    there = list({result.id: result for result in reference if result.id in here}.values())
    paths = distinguishing(there)
    return [
        Agreement(
            result.id,
            describe(result, paths) if paths else "",
            name,
            compared,
            1.0 if compared is None else compared.p,
        )
        for result in there
        for measure in measures
        if result.holds(measure) and here[result.id].holds(measure)
        for name, compared in _rows(measure, result, here[result.id])
    ]


def together(tables: Sequence[Sequence[Agreement]]) -> list[list[Agreement]]:
    """The rows of several scenarios as one family: adjusted p, and what was noticeable.

    The level of the latter is Holm's first, 5 % ÷ rows: that of a difference which is alone.
    """
    p = np.array([r.compared.p for rows in tables for r in rows if r.compared is not None])
    adjusted = iter(holm(p))
    level = FAMILY_WISE / max(len(p), 1)

    def corrected(row: Agreement) -> Agreement:
        if row.compared is None:
            return row
        smallest = noticeable(row.compared, level)
        return replace(row, adjusted_p=float(next(adjusted)), noticeable=smallest)

    return [[corrected(row) for row in rows] for rows in tables]


def tallies(rows: Sequence[Agreement]) -> list[Tally]:
    """The rows that have numbers counted by measure, in order of appearance."""
    by_measure: dict[str, list[tuple[Agreement, Compared]]] = {}
    for row in rows:
        if row.compared is not None:
            by_measure.setdefault(row.measure, []).append((row, row.compared))
    return [_tally(name, entries) for name, entries in by_measure.items()]


def _tally(name: str, rows: Sequence[tuple[Agreement, Compared]]) -> Tally:
    counts = Counter(row.outcome for row, _ in rows)
    worst = min(rows, key=lambda pair: _badness(pair[1]))
    return Tally(name, counts["agrees"], counts["open"], counts["differs"], *worst)


def _badness(compared: Compared) -> tuple[bool, float, float]:
    """Order of rows, the worst first; a ratio is as far from 1 upwards as downwards."""
    with np.errstate(divide="ignore", invalid="ignore"):
        if compared.scale == "ratio":
            share = abs(np.log(compared.difference.estimate)) / np.log(compared.margin)
        else:
            share = np.float64(abs(compared.difference.estimate)) / compared.margin
    return (
        compared.inside,
        compared.p if not compared.inside else 0.0,
        -float(np.nan_to_num(share)),
    )


def _rows(
    measure: Measure, reference: ConditionResult, fresh: ConditionResult
) -> Iterator[tuple[str, Compared | None]]:
    """The rows of one measure of one condition."""
    first, second = reference.measured(measure), fresh.measured(measure)
    if isinstance(measure, Event):
        yield measure.name, compare_shares(first > 0, second > 0)
        return
    known = np.isfinite(first), np.isfinite(second)
    if not (known[0].all() and known[1].all()):
        yield f"no {measure.name}", compare_shares(~known[0], ~known[1])
    values = first[known[0]], second[known[1]]
    if min(map(len, values)) >= FEWEST:
        blur = _common_resolution(measure, reference, fresh)
        numbers = math.isfinite(blur)
        yield measure.name, compare_runs(*values, measure.summary, blur) if numbers else None


def _common_resolution(measure: Measure, *sides: ConditionResult) -> float:
    """The typical resolution of all runs that tell theirs; ∞ if most have none."""
    known = [each for side in sides if (each := side.resolution(measure)) is not None]
    resolutions = np.concatenate([np.zeros(0), *known])
    resolutions = resolutions[~np.isnan(resolutions)]
    finite = resolutions[np.isfinite(resolutions)]
    if len(finite) < len(resolutions) / 2:
        return math.inf
    return float(np.quantile(finite, TYPICAL)) if len(finite) else 0.0
