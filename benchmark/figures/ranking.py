"""Causes or cures on half a page: one row each, in two columns, the strongest first."""

from collections.abc import Callable, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import FixedLocator, NullLocator

from benchmark.figures import theme, ticks
from benchmark.figures.sheet import sheet, wrap
from benchmark.statistics.attribution.causes import Row
from benchmark.statistics.attribution.effects import JITTER, LOSS, Effect
from benchmark.tables.catalogue import place

_ROW = 0.125
"""Inches a row takes."""
_LARGEST = 100.0
"""Factors are drawn up to this one and its inverse; what lies beyond gets an arrow."""


def draw_causes_ranked(rows: Sequence[Row]) -> Figure:
    """What every cause, switched on, does to the jitter of validation."""
    known = by_jitter(rows)
    raising = sum(row.on(JITTER).number.surely_above(1.0) for row in known)
    return _ranked(
        known,
        lambda row: row.cause,
        f"{raising} of {len(known)} suspects surely raise the jitter of validation",
        "With the cause on, over with it off",
    )


def draw_cures_ranked(rows: Sequence[Row]) -> Figure:
    """What every cure does to the jitter of validation, and to its loss."""
    known = by_jitter(rows)[::-1]
    calming = sum(row.on(JITTER).number.surely_below(1.0) for row in known)
    return _ranked(
        known,
        lambda row: f"{row.cure} ← {row.cause}",
        f"{calming} of {len(known)} cures surely calm validation",
        "After the cure, over before",
        (JITTER, LOSS),
    )


def by_jitter(rows: Sequence[Row]) -> list[Row]:
    """Those with an effect on the jitter of validation, the largest factor first."""
    known = [row for row in rows if row.on(JITTER).number.estimate is not None]
    return sorted(known, key=lambda row: -(row.on(JITTER).number.estimate or 0.0))


def _ranked(
    rows: Sequence[Row],
    name: Callable[[Row], str],
    title: str,
    compared: str,
    outcomes: Sequence[str] = (JITTER,),
) -> Figure:
    half = -(-len(rows) // 2)
    prices = [
        Line2D([], [], color=theme.INK, marker=marker, linewidth=1, markersize=3, label=label)
        for marker, label in (("o", "jitter of validation"), ("|", "loss of validation"))
    ]
    figure = sheet(
        theme.WIDTH[2],
        0.55 + (_ROW + 0.035 * (len(outcomes) - 1)) * half,
        title,
        f"{compared}: runs of equal seeds, factors of geometric means with simultaneous 95 % "
        "intervals. Red: surely above 1, blue: surely below, grey: neither; < and >: beyond "
        "the axis.",
        prices if len(outcomes) > 1 else (),
    )
    panels = figure.subplots(1, 2, sharex=True)
    for axes, shown in zip(panels, (rows[:half], rows[half:]), strict=True):
        _panel(axes, shown, name, outcomes, half)
    return figure


def _panel(
    axes: Axes,
    rows: Sequence[Row],
    name: Callable[[Row], str],
    outcomes: Sequence[str],
    height: int,
) -> None:
    axes.axvline(1, color=theme.INK, linewidth=0.7, linestyle=(0, (2, 2)), zorder=0)
    axes.grid(visible=False, axis="y")
    axes.set_xscale("log")
    axes.set_xlim(1 / _LARGEST, _LARGEST)
    axes.xaxis.set_major_locator(FixedLocator([0.01, 0.1, 1, 10, 100]))
    axes.xaxis.set_minor_locator(NullLocator())
    axes.xaxis.set_major_formatter(ticks.plain())
    size = theme.SMALL - 1.2
    room = 72 * theme.WIDTH[2] * 0.31
    labels = []
    for at, row in enumerate(rows):
        for order, outcome in enumerate(outcomes):
            shift = 0.0 if len(outcomes) == 1 else (-0.16, 0.24)[order]
            _mark(axes, at + shift, row.on(outcome), "o" if order == 0 else "|")
        lines = wrap(f"{name(row)} · {place(row)}", room, size)
        labels.append(lines[0] if len(lines) == 1 else f"{lines[0]} …")
    axes.set_yticks(range(len(rows)), labels, fontsize=size)
    axes.set_ylim(height - 0.4, -0.6)
    axes.set_xlabel("factor")


def _mark(axes: Axes, at: float, effect: Effect, marker: str) -> None:
    estimate, *ends = effect.number
    if estimate is None or not effect.number.whole:
        return
    colour = theme.colour_of_effect(effect.number, 1.0)
    middle, low, high = np.clip(np.array([estimate, *ends], float), 1 / _LARGEST, _LARGEST)
    axes.plot([low, high], [at, at], color=colour, linewidth=0.9, solid_capstyle="butt")
    beyond = ">" if estimate > _LARGEST else "<" if estimate < 1 / _LARGEST else ""
    axes.plot(middle, at, beyond or marker, color=colour, markersize=2.6, clip_on=False)
