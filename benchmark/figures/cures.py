"""Cures by cause: what each does to jitter, and what it costs."""

from collections.abc import Sequence

from matplotlib.figure import Figure

from benchmark.figures.forest import forest
from benchmark.statistics.attribution.causes import Row
from benchmark.statistics.attribution.effects import JITTER, LOSS
from benchmark.tables.catalogue import place


def draw_cures(rows: Sequence[Row]) -> Figure:
    """A forest of all cures, grouped by the cause they are to cure, the most calming first."""
    first = {row.cause: i for i, row in reversed(list(enumerate(reversed(rows))))}
    ordered = sorted(reversed(rows), key=lambda row: first[row.cause])
    ends = [
        i
        for i, (here, after) in enumerate(zip(ordered, ordered[1:], strict=False))
        if here.cause != after.cause
    ]
    labels = [f"{row.cure} ← {row.cause} · {place(row)}" for row in ordered]
    calming = sum(row.on(JITTER).number.surely_below(1.0) for row in rows)
    costly = sum(
        row.on(JITTER).number.surely_below(1.0) and row.on(LOSS).number.surely_above(1.0)
        for row in rows
    )
    return forest(
        ordered,
        labels,
        f"{calming} of {len(rows)} cures surely calm validation; {costly} of these surely at "
        "the price of a higher loss",
        "After the cure over before: runs of equal seeds, factors of geometric means "
        "(accuracy: difference), simultaneous 95 % intervals; cure ← cause · scenario. Blue: "
        "surely lower, red: surely higher, grey diamonds: neither; < and >: beyond the axis.",
        ends,
    )
