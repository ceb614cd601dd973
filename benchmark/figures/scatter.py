"""One measure against another, a point per run, for special figures of scenarios."""

import itertools
from collections.abc import Sequence
from typing import Any

import numpy as np
import seaborn as sns
from matplotlib.axes import Axes

from benchmark.declare.measure import Measure
from benchmark.figures import theme
from benchmark.figures.study import is_number, name
from benchmark.statistics.selection import ConditionResult

_SIZE = 3.5**2
"""Square points of a marker."""


def scatter(
    axes: Axes, conditions: Sequence[ConditionResult], x: Measure, y: Measure, by: str
) -> None:
    """Every run as a point; colour and marker tell the levels of a setting apart.

    Args:
        axes: an empty panel.
        conditions: as a scenario's figure is given them.
        x, y: measures on the axes; runs without a value are left out.
        by: path of the setting.
    """
    levels: list[Any] = list(dict.fromkeys(result.settings.get(by) for result in conditions))
    if all(map(is_number, levels)):
        levels, colours = sorted(levels), theme.ordered(len(levels))
    else:
        colours = theme.unordered(len(levels))
    labels = [name(by, level) for level in levels]
    # In the order of the key, so that the last level lies on top.
    shown = sorted(conditions, key=lambda result: levels.index(result.settings.get(by)))
    kinds = np.repeat(
        [labels[levels.index(result.settings.get(by))] for result in shown],
        [result.runs for result in shown],
    )
    sns.scatterplot(
        x=np.concatenate([result.measured(x) for result in shown]),
        y=np.concatenate([result.measured(y) for result in shown]),
        hue=kinds, hue_order=labels, palette=dict(zip(labels, colours, strict=True)),
        style=kinds, style_order=labels,
        markers=dict(zip(labels, itertools.cycle(theme.MARKERS), strict=False)),
        s=_SIZE, alpha=0.7, linewidth=0, ax=axes,
    )  # fmt: skip
    loss = {result.condition.task.loss for result in conditions}
    shared = loss.pop() if len(loss) == 1 else None
    for which, write in ((x, axes.set_xlabel), (y, axes.set_ylabel)):
        unit = which.axis(shared, False).partition(" (")[2]
        write(which.words + (f" ({unit}" if unit else ""))
    axes.legend(loc="best")
