"""The tables over all scenarios: causes, cures, fingerprints, and what tells them apart."""

from collections.abc import Sequence

from benchmark.statistics.attribution.causes import Row
from benchmark.statistics.attribution.effects import Effect
from benchmark.statistics.recognition.classifier import MIXED_UP, Confusion
from benchmark.statistics.recognition.fingerprints import Fingerprint, Mark
from benchmark.tables.anchors import scenario_name
from benchmark.tables.table import Cell, Column, Table, measured
from benchmark.wording import words
from benchmark.wording.numbers import count, number, percent, percents

_MARKS = 4
"""Features named for each cause."""


def cause_table(rows: Sequence[Row]) -> Table | None:
    """What each cause does when it is on; None without rows."""
    body = tuple((Cell(row.cause), _where(row), *_effects(row)) for row in rows)
    caption = (
        "What each cause does when it is on: factors (accuracy: differences) with simultaneous "
        "95 % intervals"
    )
    return _table("causes-table", caption, (Column("Cause", key=True),), rows, body)


def cure_table(rows: Sequence[Row]) -> Table | None:
    """What each cure does; None without rows."""
    body = tuple(
        (Cell(row.cure or ""), Cell(row.cause), _where(row), *_effects(row)) for row in rows
    )
    caption = (
        "What each cure does: factors (accuracy: differences) with simultaneous 95 % intervals"
    )
    heads = (Column("Cure", key=True), Column("Against", chosen=True, key=True))
    return _table("cures-table", caption, heads, rows, body)


def _table(
    name: str,
    caption: str,
    first: tuple[Column, ...],
    rows: Sequence[Row],
    body: tuple[tuple[Cell, ...], ...],
) -> Table | None:
    if not rows:
        return None
    effects = (
        Column(words.sentence(effect.outcome), numeric=True) for effect in rows[0].effects
    )
    return Table(name, caption, (*first, Column("Seen in"), *effects), body, searched=True)


def place(row: Row) -> str:
    """Scenario and arm in words; not an arm that the scenario is named after."""
    name = row.scenario.replace("_", " ").removeprefix("case ")
    implied = row.arm == "suspects" or set(row.arm.split()) <= set(name.split())
    return name if implied else f"{name}, {row.arm}"


def _where(row: Row) -> Cell:
    strata = f" ({row.strata} strata)" if row.strata > 1 else ""
    return Cell(place(row), note=f"{row.change}{strata}", link=scenario_name(row.scenario))


def _effects(row: Row) -> list[Cell]:
    return [effect_cell(effect) for effect in row.effects]


def effect_cell(effect: Effect) -> Cell:
    """A factor or difference with its interval."""
    return measured(effect.number, effect.log)


def fingerprint_table(rows: Sequence[Fingerprint]) -> Table | None:
    """For each cause the features that move most, averaged over systems; None without rows."""
    averaged = [row for row in rows if row.system == "all"]
    if not averaged:
        return None
    body = tuple((Cell(row.cause), Cell(_marks(row))) for row in averaged)
    caption = (
        "Features that move most under each cause, in SDs between runs, mean over systems "
        "(?: the simultaneous 95 % interval includes 0)"
    )
    heads = (Column("Cause"), Column("Features"))
    return Table("fingerprints-table", caption, heads, body)


def _marks(row: Fingerprint) -> str:
    known = [mark for mark in row.marks if mark.shift.estimate is not None]
    known.sort(key=lambda mark: -abs(mark.shift.estimate or 0.0))
    return "; ".join(map(_mark, known[:_MARKS]))


def _mark(mark: Mark) -> str:
    sign = "+" if (mark.shift.estimate or 0.0) > 0 else ""
    return f"{mark.feature} {sign}{number(mark.shift.estimate)}{'' if mark.clear else '?'}"


def confusion_table(held_out: Confusion) -> Table:
    """Share of the runs of each cause (rows) that is given each name (columns)."""
    rows = tuple(
        (Cell(f"{place} {name}"), *(_rate(s, i == place) for i, s in enumerate(shares)))
        for place, (name, shares) in enumerate(
            zip(held_out.names, held_out.shares, strict=True)
        )
    )
    heads = (
        Column("Cause, named as →", key=True),
        *(Column(str(place), numeric=True) for place in range(len(held_out.names))),
    )
    by_system = ", ".join(f"{arm} {percent(s)}" for arm, s in held_out.by_system.items())
    caption = (
        f"Held-out {held_out.held_out}: the cause of {percent(held_out.accuracy.estimate)} "
        f"{percents(*held_out.accuracy.ends)} of {count(held_out.runs)} runs is named (a "
        f"guess: {percent(held_out.chance)}; {by_system})"
    )
    return Table(f"confusion-{held_out.held_out}", caption, heads, rows)


def _rate(share: float, right: bool) -> Cell:
    text = percent(share) if right or share >= 0.005 else ""
    return Cell(text, share, strong=right)


def mixed_up(held_out: Confusion) -> str:
    """The pairs that are taken for each other, in a sentence."""
    pairs = _pairs(held_out)
    if not pairs:
        return f"No two causes are taken for each other in {percent(MIXED_UP)} of their runs."
    return f"Taken for each other in at least {percent(MIXED_UP)} of runs: {'; '.join(pairs)}."


def recognition(held_out: Confusion) -> str:
    """How well causes are named by the curves alone, in a sentence or two."""
    pairs = _pairs(held_out)
    worst = f" Most often taken for each other: {words.listed(pairs[:3])}." if pairs else ""
    return (
        f"With {held_out.held_out} held out, a classifier that sees nothing but curves names "
        f"the cause of {percent(held_out.accuracy.estimate)} "
        f"{percents(*held_out.accuracy.ends)} of {count(held_out.runs)} runs; a guess would "
        f"name {percent(held_out.chance)}.{worst}"
    )


def _pairs(held_out: Confusion) -> list[str]:
    """The pairs that are taken for each other, with how often."""
    return [f"{' and '.join(pair.causes)} ({percent(pair.rate)})" for pair in held_out.mixed_up]
