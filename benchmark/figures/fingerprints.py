"""The fingerprint matrix, and the confusion matrices of who is taken for whom."""

from collections.abc import Sequence

import numpy as np
import seaborn as sns
from matplotlib.axes import Axes
from matplotlib.colors import SymLogNorm
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator

from benchmark.figures import theme, ticks
from benchmark.figures.sheet import sheet
from benchmark.statistics.recognition.classifier import MIXED_UP, Confusion
from benchmark.statistics.recognition.fingerprints import Fingerprint
from benchmark.wording import words
from benchmark.wording.numbers import percent, percents

_STRONGEST = 30.0
"""SDs at which colours end."""
_DARK = 5.0
"""SDs beyond which a cell is so dark that signs are white."""
_ROW, _NAMES = 0.2, 1.75
"""Inches of a row, and of the names of features below."""


def draw_fingerprints(rows: Sequence[Fingerprint], system: str = "all") -> Figure:
    """One row per cause, one column per feature: + up, − down, a dot if neither is sure."""
    shown = [row for row in rows if row.system == system]
    features = [mark.feature for mark in shown[0].marks]
    table = np.array([[mark.shift.estimate for mark in row.marks] for row in shown], float)
    clear = np.array([[mark.clear for mark in row.marks] for row in shown])
    systems = sorted({row.system for row in rows} - {"all"})
    over = f"mean over {words.listed(systems)}" if system == "all" else system
    figure = sheet(
        theme.WIDTH[2],
        _NAMES + _ROW * len(shown),
        f"{int(clear.any(axis=1).sum())} of {len(shown)} causes leave a mark on the curves "
        "that is surely there",
        f"Shift of each feature when the cause is on, in SDs between runs ({over}). + and −: "
        "surely up and down; dots: the simultaneous 95 % interval includes 0.",
    )
    axes = figure.subplots()
    sns.heatmap(
        table, ax=axes, cmap="vlag", norm=SymLogNorm(1, vmin=-_STRONGEST, vmax=_STRONGEST),
        xticklabels=features, yticklabels=[row.cause for row in shown],
        linewidths=0.5, linecolor="white",
        cbar_kws={"label": "shift (SDs between runs)", "pad": 0.02},
    )  # fmt: skip
    down, across = np.nonzero(~clear & np.isfinite(table))
    axes.plot(across + 0.5, down + 0.5, "o", color="white", markersize=3,
              markeredgecolor=theme.QUIET, markeredgewidth=0.4)  # fmt: skip
    # Signs, as the ends of the colours are alike in grey.
    for marker, side in (("+", table > 0), ("_", table < 0)):
        for colour, strong in (("white", True), (theme.INK, False)):
            down, across = np.nonzero(clear & side & ((np.abs(table) > _DARK) == strong))
            axes.plot(across + 0.5, down + 0.5, marker, color=colour, markersize=4,
                      markeredgewidth=0.8, linestyle="none")  # fmt: skip
    axes.set_facecolor(theme.FAINT)
    axes.tick_params(length=0)
    axes.set_xticklabels(
        axes.get_xticklabels(), rotation=60, ha="right", rotation_mode="anchor"
    )
    bar = axes.collections[0].colorbar
    assert bar is not None
    bar.ax.yaxis.set_major_locator(FixedLocator([-30, -10, -3, -1, 0, 1, 3, 10, 30]))
    bar.ax.yaxis.set_major_formatter(ticks.plain())
    return figure


def draw_confusions(confusions: Sequence[Confusion]) -> Figure:
    """One matrix per way of holding out: rows are causes, columns the names given."""
    count = len(confusions[0].names)
    whose = {"runs": "new runs of known systems", "systems": "runs of a new system"}
    said = " and in ".join(
        f"{percent(each.accuracy.estimate)} of {whose[each.held_out]}" for each in confusions
    )
    figure = sheet(
        theme.WIDTH[2],
        0.9 + 0.215 * count,
        f"The cause is named in {said}",
        "Share of the runs of each cause (rows) that a classifier gives each name (columns, "
        f"numbered as the rows), in %; from epoch-level curves of one run alone. A guess is "
        f"right in {percent(confusions[0].chance)}. Framed: pairs taken for each other in "
        f"{percent(MIXED_UP)} of their runs or more.",
    )
    panels = figure.subplots(1, len(confusions), sharey=True, squeeze=False)[0]
    for axes, each in zip(panels, confusions, strict=True):
        _matrix(axes, each)
    names = [f"{name}  {i}" for i, name in enumerate(confusions[0].names)]
    panels[0].set_yticks(np.arange(count) + 0.5, names, rotation=0)
    return figure


def _matrix(axes: Axes, confusion: Confusion) -> None:
    table = 100 * np.array(confusion.shares)
    texts = np.array([[f"{x:.0f}" if x >= 0.5 else "" for x in row] for row in table])
    sns.heatmap(
        table, ax=axes, cmap="Blues", vmin=0, vmax=100, annot=texts, fmt="", cbar=False,
        xticklabels=[str(i) for i in range(len(table))], yticklabels=False, linewidths=0.5,
        linecolor="white", annot_kws={"fontsize": theme.SMALL - 0.5},
    )  # fmt: skip
    for pair in confusion.mixed_up:
        i, j = (confusion.names.index(name) for name in pair.causes)
        for row, column in ((i, j), (j, i)):
            frame = [column, column + 1, column + 1, column, column]
            axes.plot(frame, [row, row, row + 1, row + 1, row], color=theme.VERMILION,
                      linewidth=1.0)  # fmt: skip
    axes.tick_params(length=0)
    axes.set_title(
        f"held-out {confusion.held_out}: {percent(confusion.accuracy.estimate)} "
        f"{percents(*confusion.accuracy.ends)}"
    )
    axes.set_xlabel("named as")
