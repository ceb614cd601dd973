"""One measure against another, a point per run, for special figures of scenarios."""

from collections.abc import Sequence
from typing import Any

from matplotlib.axes import Axes

from benchmark.declare.measure import Measure
from benchmark.figures import theme
from benchmark.figures.study import is_number, name
from benchmark.statistics.selection import ConditionResult


def scatter(
    axes: Axes, conditions: Sequence[ConditionResult], x: Measure, y: Measure, by: str
) -> None:
    """Every run as a point; colour and marker tell the levels of a setting apart.

    Args:
        axes: an empty panel.
        conditions: from `benchmark.answers.answer.condition_results`.
        x, y: measures on the axes; runs without a value are left out.
        by: path of the setting.
    """
    levels: list[Any] = list(dict.fromkeys(result.settings.get(by) for result in conditions))
    if all(map(is_number, levels)):
        levels, colours = sorted(levels), theme.ordered(len(levels))
    else:
        colours = theme.unordered(len(levels))
    for i, level in enumerate(levels):
        here = [result for result in conditions if result.settings.get(by) == level]
        for j, result in enumerate(here):
            axes.plot(
                result.measured(x), result.measured(y), theme.MARKERS[i % len(theme.MARKERS)],
                color=colours[i], markersize=3.5, alpha=0.7, markeredgewidth=0,
                label=name(by, level) if j == 0 else None,
            )  # fmt: skip
    loss = {result.condition.task.loss for result in conditions}
    shared = loss.pop() if len(loss) == 1 else None
    for which, write in ((x, axes.set_xlabel), (y, axes.set_ylabel)):
        unit = which.axis(shared, False).partition(" (")[2]
        write(which.words + (f" ({unit}" if unit else ""))
    axes.legend(loc="best")
