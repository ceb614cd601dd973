"""Effects with intervals, one row each, one panel per outcome."""

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import LogLocator, MaxNLocator, NullLocator

from benchmark.figures import theme, ticks
from benchmark.figures.sheet import sheet
from benchmark.statistics.attribution.causes import Row
from benchmark.statistics.attribution.effects import Effect

_ROW = 0.165
"""Inches a row takes."""
_LARGEST = 50.0
"""Factors are drawn up to this one; what lies beyond gets an arrow."""


def forest(
    rows: Sequence[Row],
    labels: Sequence[str],
    title: str,
    subtitle: str,
    lines_after: Sequence[int] = (),
) -> Figure:
    """A figure of all effects of the rows, from the top.

    Args:
        rows: of the table of causes or cures, at least one.
        labels: of the rows.
        title: the finding.
        subtitle: how to read it.
        lines_after: rows after which a line is drawn across.
    """
    outcomes = [effect.outcome for effect in rows[0].effects]
    figure = sheet(theme.WIDTH[2], 0.75 + _ROW * len(rows), title, subtitle)
    panels = figure.subplots(1, len(outcomes), sharey=True, squeeze=False)[0]
    for axes, outcome in zip(panels, outcomes, strict=True):
        effects = [row.on(outcome) for row in rows]
        _panel(axes, effects)
        axes.set_title(outcome.replace(" ", "\n"))
        axes.set_xlabel("factor" if effects[0].log else "difference")
        for row in lines_after:
            axes.axhline(row + 0.5, color=theme.FAINT, linewidth=0.8, zorder=0)
    panels[0].set_yticks(range(len(rows)), labels)
    panels[0].set_ylim(len(rows) - 0.4, -0.6)
    return figure


def _panel(axes: Axes, effects: Sequence[Effect]) -> None:
    log = effects[0].log
    neutral = 1.0 if log else 0.0
    axes.axvline(neutral, color=theme.INK, linewidth=0.7, linestyle=(0, (2, 2)), zorder=0)
    axes.grid(visible=False, axis="y")
    low, high = _limits(effects, neutral, log)
    axes.set_xlim(low, high)
    if log:
        axes.set_xscale("log")
        steps = (1, 2, 5) if high / low < 15 else (1,)
        axes.xaxis.set_major_locator(LogLocator(subs=steps, numticks=6))
        axes.xaxis.set_minor_locator(NullLocator())
    else:
        axes.xaxis.set_major_locator(MaxNLocator(nbins=3))
    axes.xaxis.set_major_formatter(ticks.plain())
    for place, effect in enumerate(effects):
        estimate, *ends = effect.number
        if estimate is None or not effect.number.whole:
            continue
        colour = theme.colour_of_effect(effect.number, neutral)
        clear = effect.number.excludes(neutral)
        shown = np.clip(np.array(ends, float), low, high)
        axes.plot(shown, [place, place], color=colour, linewidth=1.3, solid_capstyle="butt")
        at, beyond = float(np.clip(estimate, low, high)), ">" if estimate > high else "<"
        inside = low <= estimate <= high
        marker = ("o" if clear else "D") if inside else beyond
        axes.plot(at, place, marker, color=colour, markersize=3.5, clip_on=False)


def _limits(effects: Sequence[Effect], neutral: float, log: bool) -> tuple[float, float]:
    """Room for all estimates and for intervals that are not extremely long."""
    known = [effect.number for effect in effects if effect.number.estimate is not None]
    ends = [neutral, *(float(x) for number in known for x in number if x is not None)]
    if not log:
        pad = 0.06 * (max(ends) - min(ends)) or 0.01
        return min(ends) - pad, max(ends) + pad
    low, high = max(min(ends), 1 / _LARGEST), min(max(ends), _LARGEST)
    stretch = max((high / low) ** 0.05, 1.05)
    return low / stretch, high * stretch
