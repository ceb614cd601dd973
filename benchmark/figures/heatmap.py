"""A measure over two settings, for special figures of scenarios."""

from collections.abc import Callable, Sequence

import numpy as np
import seaborn as sns
from matplotlib.axes import Axes
from matplotlib.colors import LogNorm

from benchmark.declare.measure import Measure
from benchmark.figures import theme
from benchmark.figures.response import estimates
from benchmark.figures.study import is_number
from benchmark.statistics.selection import ConditionResult
from benchmark.wording import words
from benchmark.wording.numbers import number

_MOST_NUMBERS = 80


def heatmap(
    axes: Axes,
    conditions: Sequence[ConditionResult],
    measure: Measure,
    x: str,
    y: str,
    reference: Callable[[float], float] | None = None,
    reference_label: str = "",
) -> None:
    """Mean of a measure over runs, in cells of two settings.

    Cells hold their numbers, unless they are many or a line runs through them; a dash
    where no run has a value.
    Colours are logarithmic if the means are positive and span more than a factor of 10.

    Args:
        axes: an empty panel.
        conditions: as a scenario's figure is given them; one per cell.
        measure: what the cells show.
        x, y: paths of the settings on the axes; `y` grows upwards.
        reference: level of `x` at which a line crosses the row of a level of `y`.
        reference_label: what the line is.
    """
    across, up = (_levels(conditions, path) for path in (x, y))
    by_id = estimates(conditions, measure)
    table = np.full((len(up), len(across)), np.nan)
    for result in conditions:
        place = up.index(result.settings[y]), across.index(result.settings[x])
        table[place] = by_id[id(result)].mean
    known = table[np.isfinite(table)]
    log = len(known) > 0 and known.min() > 0 and known.max() > 10 * known.min()
    loss = {result.condition.task.loss for result in conditions}
    label = measure.axis(loss.pop() if len(loss) == 1 else None, False)
    numbered = table.size <= _MOST_NUMBERS and reference is None
    sns.heatmap(
        table, ax=axes, cmap="viridis", norm=LogNorm() if log else None,
        xticklabels=[words.level(v) for v in across], yticklabels=[words.level(v) for v in up],
        linewidths=0.5, linecolor="white", annot=_texts(table) if numbered else None, fmt="",
        annot_kws={"fontsize": theme.SMALL}, cbar_kws={"label": label, "pad": 0.02},
    )  # fmt: skip
    axes.invert_yaxis()
    axes.set(xlabel=words.setting(x), ylabel=words.setting(y))
    axes.set_facecolor(theme.FAINT)
    axes.tick_params(axis="both", length=0, labelrotation=0)
    if reference is not None:
        _line(axes, across, up, reference, reference_label)


def _levels(conditions: Sequence[ConditionResult], path: str) -> list:
    levels = list(dict.fromkeys(result.settings[path] for result in conditions))
    return sorted(levels) if all(map(is_number, levels)) else levels


def _texts(table: np.ndarray) -> np.ndarray:
    said = [number(float(v), 2) for v in table.ravel()]
    return np.array(said, dtype=object).reshape(table.shape)


def _line(
    axes: Axes,
    across: Sequence[float],
    up: Sequence[float],
    reference: Callable[[float], float],
    label: str,
) -> None:
    """The reference in units of cells, interpolated between levels (log where positive)."""
    forth = np.log if min(across) > 0 else np.asarray
    grid = forth(np.asarray(across, dtype=np.float64))
    here = forth(np.array([reference(level) for level in up], dtype=np.float64))
    step = np.interp(here, grid, np.arange(len(across)) + 0.5, left=np.nan, right=np.nan)
    axes.plot(step, np.arange(len(up)) + 0.5, color="white", linewidth=3.2)
    axes.plot(step, np.arange(len(up)) + 0.5, color=theme.INK, linewidth=1.4, linestyle="--",
              label=label or None)  # fmt: skip
    if label:
        axes.legend(loc="lower left", bbox_to_anchor=(0, 1), borderaxespad=0.2)
