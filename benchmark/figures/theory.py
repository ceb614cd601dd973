"""Simulation against theory: all ground truths on one axis."""

import math
import re
from collections.abc import Mapping, Sequence
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from benchmark.figures import theme
from benchmark.figures.sheet import sheet, wrap

_ROW = 0.115
"""Inches a comparison takes."""
_GATE = 4.0
"""Standard errors shown, and beyond which a prediction counts as missed."""
_FAR = 0.25
"""The axis ends where simulation and theory differ by this part."""


def draw_theory(comparisons: Sequence[Mapping[str, Any]], scale: str) -> Figure:
    """Simulated over predicted, one row per prediction, within four standard errors.

    Args:
        comparisons: as `benchmark.store.checks` keeps them; those that predict 0 or a bound
            have no ratio and are counted in the subtitle only.
        scale: of the checks.
    """
    rows = [c for c in comparisons if c["ratio"] is not None and not c["bound"]]
    holding = sum(c["holds"] for c in comparisons)
    half = -(-len(rows) // 2)
    figure = sheet(
        theme.WIDTH[2],
        0.55 + _ROW * half,
        f"{holding} of {len(comparisons)} predictions of theory are met by the simulation",
        "Simulated over predicted. Lines: four standard errors; grey bands: the error that "
        "the closed form itself admits; open diamonds: missed; < and >: beyond the axis. "
        f"Not drawn, having no ratio: {len(comparisons) - len(rows)} predictions of 0 or of a "
        f"bound. Scale of the checks: {scale}.",
    )
    panels = figure.subplots(1, 2)
    for axes, shown in zip(panels, (rows[:half], rows[half:]), strict=True):
        _panel(axes, shown, half)
    return figure


def _panel(axes: Axes, rows: Sequence[Mapping[str, Any]], height: int) -> None:
    axes.axvline(1, color=theme.INK, linewidth=0.7, linestyle=(0, (2, 2)), zorder=1)
    axes.grid(visible=False, axis="y")
    for place, row in enumerate(rows):
        _row(axes, place, row)
    room = 72 * theme.WIDTH[2] * 0.32
    names = [_short(row["name"], room) for row in rows]
    axes.set_yticks(range(len(rows)), names, fontsize=theme.SMALL - 1.5)
    axes.set_ylim(height - 0.4, -0.6)
    axes.set_xlim(1 - _FAR, 1 + _FAR)
    axes.set_xlabel("simulated ÷ predicted")


def _row(axes: Axes, place: int, row: Mapping[str, Any]) -> None:
    ratio, allowed = row["ratio"], row["allowance"]
    if allowed:
        axes.plot([1 - allowed, 1 + allowed], [place, place], color=theme.FAINT, linewidth=4.5,
                  solid_capstyle="butt", zorder=0)  # fmt: skip
    reach = _GATE * row["standard_error"] / abs(row["predicted"])
    colour = theme.BLUE if row["holds"] else theme.VERMILION
    axes.plot([ratio - reach, ratio + reach], [place, place], color=colour, linewidth=0.9)
    beyond = math.copysign(1, ratio - 1) if abs(ratio - 1) > _FAR else 0
    marker = {1: ">", -1: "<", 0: "o" if row["holds"] else "D"}[int(beyond)]
    at = min(max(ratio, 1 - _FAR), 1 + _FAR)
    axes.plot(at, place, marker, color=colour, markersize=2.6, clip_on=False,
              fillstyle="full" if row["holds"] else "none")  # fmt: skip


def _short(name: str, room: float) -> str:
    """On one line, without the number of the ground truth before it."""
    lines = wrap(re.sub(r"^GT \d+ ", "", name), room, theme.SMALL - 1.5)
    return lines[0] if len(lines) == 1 else f"{lines[0]} …"
