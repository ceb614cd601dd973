"""The figures of ``causes``, over all stored scenarios: forests of causes and of cures."""

from collections.abc import Sequence
from pathlib import Path

from matplotlib.figure import Figure

from benchmark.answers.overview import Overview
from benchmark.figures import theme
from benchmark.figures.fingerprints import draw_confusions, draw_fingerprints
from benchmark.figures.forest import forest
from benchmark.figures.ranking import by_jitter
from benchmark.figures.save import save
from benchmark.statistics.attribution.causes import Row
from benchmark.statistics.attribution.effects import JITTER, LOSS
from benchmark.tables.catalogue import place
from benchmark.wording import words
from benchmark.wording.numbers import number


def draw_overview(overview: Overview, folder: Path) -> list[Path]:
    """Write the ranked causes, the cures, the fingerprints and the confusions.

    Args:
        overview: tables; those without rows are left out.
        folder: where figures go.

    Returns:
        The PNG files; an SVG and a PDF lie beside each.

    Raises:
        UserError: a file cannot be written.
    """
    with theme.styled():
        figures = {
            "causes": draw_causes(overview.causes) if overview.causes else None,
            "cures": draw_cures(overview.cures) if overview.cures else None,
            "fingerprints": draw_fingerprints(overview.fingerprints)
            if overview.fingerprints
            else None,
            "confusion": draw_confusions(overview.confusions) if overview.confusions else None,
        }
        return [save(figure, folder / name) for name, figure in figures.items() if figure]


def draw_causes(rows: Sequence[Row]) -> Figure:
    """A forest of all causes, the one that raises validation jitter most at the top."""
    return forest(
        rows,
        [f"{row.cause} · {place(row)}" for row in rows],
        _worst(rows),
        "With the cause on, over with it off: runs of equal seeds, factors of geometric means "
        "(accuracy: difference), simultaneous 95 % intervals. Red: surely higher, blue: surely "
        "lower, grey diamonds: neither; < and >: beyond the axis.",
    )


def _worst(rows: Sequence[Row]) -> str:
    known = by_jitter(rows)
    if not known:
        return "What each cause does to the curves"
    raising = sum(row.on(JITTER).number.surely_above(1.0) for row in known)
    return (
        f"{words.sentence(known[0].cause)} raises validation jitter most, by a factor of "
        f"{number(known[0].on(JITTER).number.estimate)}; {raising} of {len(known)} suspects "
        "surely raise it"
    )


def draw_cures(rows: Sequence[Row]) -> Figure:
    """A forest of all cures, grouped by the cause they are to cure, the most calming first."""
    known = by_jitter(rows)
    # Those of which no jitter is known come last.
    calmest = [*known[::-1], *(row for row in rows if row not in known)]
    causes = list(dict.fromkeys(row.cause for row in calmest))
    ordered = sorted(calmest, key=lambda row: causes.index(row.cause))
    ends = [
        i
        for i, (here, after) in enumerate(zip(ordered, ordered[1:], strict=False))
        if here.cause != after.cause
    ]
    labels = [f"{row.cure} ← {row.cause} · {place(row)}" for row in ordered]
    calming = sum(row.on(JITTER).number.surely_below(1.0) for row in known)
    costly = sum(
        row.on(JITTER).number.surely_below(1.0) and row.on(LOSS).number.surely_above(1.0)
        for row in known
    )
    return forest(
        ordered,
        labels,
        f"{calming} of {len(known)} cures surely calm validation; {costly} of these surely at "
        "the price of a higher loss",
        "After the cure over before: runs of equal seeds, factors of geometric means "
        "(accuracy: difference), simultaneous 95 % intervals; cure ← cause · scenario. Blue: "
        "surely lower, red: surely higher, grey diamonds: neither; < and >: beyond the axis.",
        ends,
    )
