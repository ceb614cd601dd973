"""Ranked causes: what each does to the curves when it is switched on."""

from collections.abc import Sequence

from matplotlib.figure import Figure

from benchmark.figures.forest import forest
from benchmark.statistics.attribution.causes import Row
from benchmark.statistics.attribution.effects import JITTER
from benchmark.tables.catalogue import place
from benchmark.wording import words
from benchmark.wording.numbers import number


def draw_causes(rows: Sequence[Row]) -> Figure:
    """A forest of all causes, the one that raises validation jitter most at the top."""
    return forest(
        rows,
        [f"{row.cause} · {place(row)}" for row in rows],
        _finding(rows),
        "With the cause on, over with it off: runs of equal seeds, factors of geometric means "
        "(accuracy: difference), simultaneous 95 % intervals. Red: surely higher, blue: surely "
        "lower, grey diamonds: neither; < and >: beyond the axis.",
    )


def _finding(rows: Sequence[Row]) -> str:
    worst = rows[0].on(JITTER)
    if worst.number.estimate is None:
        return "What each cause does to the curves"
    raising = sum(row.on(JITTER).number.surely_above(1.0) for row in rows)
    return (
        f"{words.sentence(rows[0].cause)} raises validation jitter most, by a factor of "
        f"{number(worst.number.estimate)}; {raising} of {len(rows)} suspects surely raise it"
    )
