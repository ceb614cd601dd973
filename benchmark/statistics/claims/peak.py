"""Peaks along an axis: is the measure largest inside of a region of doses?"""

from collections.abc import Sequence

import numpy as np

from benchmark.declare.claims import Claim, Peaks, peak_place
from benchmark.statistics.claims.summaries import Columns, Table, doses, region
from benchmark.statistics.inference.evidence import Evidence, Finding, contrary
from benchmark.statistics.inference.intervals import LEVEL
from benchmark.statistics.selection import (
    ConditionResult,
    Unanswerable,
    describe,
    distinguishing,
    strata,
)


def examine_peak(
    claim: Claim, expect: Peaks, conditions: Sequence[ConditionResult], table: Table
) -> Finding:
    """The dose at which the measure is largest, held against a region, in every stratum.

    Raises:
        Unanswerable: no dose in the region has neighbours on both sides.
        UserError: the axis does not hold numbers.
    """
    all_doses = doses(conditions, expect.axis)
    columns = table.columns(conditions, claim.measure)
    known = np.isfinite(columns.draws.estimate)
    paths = distinguishing(conditions, [expect.axis])
    pieces, regions, notes = [], [], []
    for group in strata(conditions, [expect.axis]):
        example = conditions[group[0]]
        rest = {path: v for path, v in example.settings.items() if path != expect.axis}
        at = peak_place(claim, rest)
        low, high = at / expect.within, at * expect.within
        about = describe(example, paths) if paths else ""
        # A hair of slack: at * within is rounded, the doses are as declared.
        near = (all_doses[group] >= low * (1 - 1e-9)) & (all_doses[group] <= high * (1 + 1e-9))
        if not near.any():
            raise Unanswerable(f"no dose of {expect.axis} lies between {low:g} and {high:g}")
        if len(set(all_doses[group])) < 3:
            raise Unanswerable("a peak needs three conditions that differ only in their dose")
        kept = [i for i in group if known[i]]
        gone = [f"{all_doses[i]:g}" for i in group if not known[i]]
        if gone:
            notes.append(f"left out, undefined in most runs: {expect.axis} = {', '.join(gone)}")
        ordered = sorted(kept, key=lambda i: all_doses[i])
        pieces.append(_weigh(all_doses[ordered], columns.take(ordered), low, high, about))
        regions.append(region(f"peak along {expect.axis}", low, high))
    sides = {piece.inside for piece in pieces if piece.p < 1}
    disagree = len(sides) > 1 and contrary(pieces) < 1 - LEVEL
    return Finding("; ".join(dict.fromkeys(regions)), pieces, notes, strata=disagree)


def _weigh(here: np.ndarray, columns: Columns, low: float, high: float, about: str) -> Evidence:
    """Simultaneous contrasts between the doses of the region and all others.

    A peak is interior: the lowest and the highest dose of the grid may belong to a slope that
    goes on, so they are no peak wherever the region lies. It is in the region if one of its
    interior doses is surely above every dose outside and above both ends of the grid
    (intersection–union over those, Bonferroni over the doses that may be it); it is
    elsewhere if a dose outside is surely above all in the region.

    Args:
        here: doses in order, [condition].
        columns: the measure there.
        low, high: the region.
        about: what the peak belongs to.
    """
    heights = columns.draws.estimate
    runs = min(np.sum(np.isfinite(columns.values), axis=1).tolist(), default=0)
    near = (here >= low * (1 - 1e-9)) & (here <= high * (1 + 1e-9))
    interior = np.zeros(len(here), dtype=bool)
    interior[1:-1] = True
    inside, outside = np.flatnonzero(near & interior), np.flatnonzero(~near)
    rivals = np.flatnonzero(~(near & interior))
    if len(here) < 3 or not len(inside) or (runs < 2 and not columns.certain):
        why = "no dose of the region has a dose on either side"
        return Evidence(about, np.nan, np.nan, np.nan, False, 1.0, runs, why)
    above = _surely_above(columns)
    there = min(1.0, len(inside) * min(float(above[i, rivals].max()) for i in inside))
    elsewhere = min(
        (min(1.0, len(outside) * float(above[o, near].max())) for o in outside), default=1.0
    )
    peak = float(here[int(np.argmax(heights))])
    held = _not_surely_lower(here, above)
    is_inside = bool(near[int(np.argmax(heights))])
    p = min(1.0, 2 * (there if is_inside else elsewhere))
    remark = "" if interior[int(np.argmax(heights))] else "highest at the end of the grid"
    return Evidence(about, peak, *held, is_inside, p, runs, remark)


def _surely_above(columns: Columns) -> np.ndarray:
    """One-sided p-value of "[row] is not above [column]"."""
    count = len(columns.values)
    found = np.ones((count, count))
    for i in range(count):
        for j in range(i):
            gap = columns.take([i, j]).contrast(lambda y: y[0] - y[1], [1.0, -1.0])
            found[i, j], found[j, i] = gap.tails(0.0)
    return found


def _not_surely_lower(here: np.ndarray, above: np.ndarray) -> tuple[float, float]:
    """Range of the doses that no other is surely above, at 2.5 % for all pairs together."""
    rivals = max(1, len(here) - 1)
    top = here[(above * rivals).min(axis=0) >= 0.025]
    if not len(top):
        return np.nan, np.nan
    return float(top.min()), float(top.max())
