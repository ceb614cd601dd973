"""Causes, cures and fingerprints over all scenarios, as tables."""

from collections.abc import Sequence

from benchmark.figures.causes import place
from benchmark.report.grid import Cell, Column, Grid, interval, number
from benchmark.report.names import scenario_name
from benchmark.statistics.causes import Row
from benchmark.statistics.fingerprints import Fingerprint, Mark
from benchmark.statistics.paired import Effect

_MARKS = 4
"""Features named for each cause."""


def cause_grid(rows: Sequence[Row]) -> Grid | None:
    """What each cause does when it is on; None without rows."""
    body = tuple((Cell(row.cause), _where(row), *_effects(row)) for row in rows)
    caption = (
        "What each cause does when it is on: factors (accuracy: differences) with simultaneous "
        "95 % intervals"
    )
    return _grid("causes-table", caption, (Column("Cause"),), rows, body)


def cure_grid(rows: Sequence[Row]) -> Grid | None:
    """What each cure does; None without rows."""
    body = tuple(
        (Cell(row.cure or ""), Cell(row.cause), _where(row), *_effects(row)) for row in rows
    )
    caption = (
        "What each cure does: factors (accuracy: differences) with simultaneous 95 % intervals"
    )
    heads = (Column("Cure"), Column("Against", chosen=True))
    return _grid("cures-table", caption, heads, rows, body)


def _grid(
    name: str,
    caption: str,
    first: tuple[Column, ...],
    rows: Sequence[Row],
    body: tuple[tuple[Cell, ...], ...],
) -> Grid | None:
    if not rows:
        return None
    effects = (
        Column(effect.outcome[:1].upper() + effect.outcome[1:], numeric=True)
        for effect in rows[0].effects
    )
    return Grid(name, caption, (*first, Column("Seen in"), *effects), body, searched=True)


def _where(row: Row) -> Cell:
    strata = f" ({row.strata} strata)" if row.strata > 1 else ""
    return Cell(place(row), note=f"{row.change}{strata}", link=scenario_name(row.scenario))


def _effects(row: Row) -> list[Cell]:
    return [effect_cell(effect) for effect in row.effects]


def effect_cell(effect: Effect) -> Cell:
    """A factor or difference with its interval."""
    return interval(effect.number, factor=effect.log)


def fingerprint_grid(rows: Sequence[Fingerprint]) -> Grid | None:
    """For each cause the features that move most, averaged over systems; None without rows."""
    held = [row for row in rows if row.system == "all"]
    if not held:
        return None
    body = tuple((Cell(row.cause), Cell(_marks(row))) for row in held)
    caption = (
        "Features that move most under each cause, in SDs between runs, mean over systems "
        "(?: the simultaneous 95 % interval includes 0)"
    )
    heads = (Column("Cause"), Column("Features"))
    return Grid("fingerprints-table", caption, heads, body)


def _marks(row: Fingerprint) -> str:
    known = [mark for mark in row.marks if mark.shift.estimate is not None]
    known.sort(key=lambda mark: -abs(mark.shift.estimate or 0.0))
    return "; ".join(map(_mark, known[:_MARKS]))


def _mark(mark: Mark) -> str:
    sign = "+" if (mark.shift.estimate or 0.0) > 0 else ""
    return f"{mark.feature} {sign}{number(mark.shift.estimate)}{'' if mark.clear else '?'}"
