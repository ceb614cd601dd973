"""A measure against one setting, a line per level of another, for special figures."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import NullLocator

from benchmark.declare.measure import Measure
from benchmark.figures import theme
from benchmark.figures.response import estimates
from benchmark.figures.study import is_number, name
from benchmark.statistics.selection import ConditionResult
from benchmark.wording import words


def lines(
    axes: Axes,
    conditions: Sequence[ConditionResult],
    measure: Measure,
    x: str,
    by: str | None = None,
    label: str | None = None,
) -> None:
    """Means over runs with 95 % intervals, joined along `x` where that is a number.

    Args:
        axes: a panel; a scale set before on the vertical axis is kept.
        conditions: as a scenario's figure is given them.
        measure: on the vertical axis.
        x: path of the setting on the horizontal axis, which is logarithmic if levels are
            positive and span a factor of eight; names stand side by side.
        by: path of the setting with a line for each of its levels; None for one line.
        label: of the line in the key, where there is one.
    """
    by_id = estimates(conditions, measure)
    levels: list[Any] = list(dict.fromkeys(r.settings.get(x) for r in conditions))
    numeric = all(map(is_number, levels))
    places = {level: level if numeric else i for i, level in enumerate(levels)}
    kinds: list[Any] = (
        list(dict.fromkeys(r.settings.get(by) for r in conditions)) if by else [None]
    )
    kinds = sorted(kinds) if all(map(is_number, kinds)) else kinds
    before = len(axes.containers)
    colours = theme.unordered(before + len(kinds))[before:]
    for i, kind in enumerate(kinds):
        members = [r for r in conditions if by is None or r.settings.get(by) == kind]
        if numeric:
            members = sorted(members, key=lambda result: result.settings[x])
        points = [by_id[id(result)] for result in members]
        mean, low, high = (
            np.array([getattr(e, k) for e in points]) for k in ("mean", "low", "high")
        )
        low, high = np.where(np.isnan(low), mean, low), np.where(np.isnan(high), mean, high)
        # Names have no order, so nothing lies between them, but intervals may hide there.
        shift = 0.0 if numeric else 0.1 * (before + i)
        axes.errorbar(
            [places[result.settings[x]] + shift for result in members],
            mean,
            np.maximum([mean - low, high - mean], 0.0),
            color=colours[i],
            linestyle="-" if numeric else "none",
            marker=theme.MARKERS[(before + i) % len(theme.MARKERS)],
            label=label or (name(by, kind) if by else None),
        )
    if numeric:
        _ticks(axes, sorted(levels))
    else:
        axes.set_xticks(range(len(levels)), [words.level(level) for level in levels])
        axes.set_xlim(-0.4, len(levels) - 0.6)
    loss = {result.condition.task.loss for result in conditions}
    axes.set(
        xlabel=words.setting(x),
        ylabel=measure.axis(loss.pop() if len(loss) == 1 else None, False),
    )


def _ticks(axes: Axes, levels: Sequence[float]) -> None:
    """A tick at every level that has room, and none in between."""
    if levels[0] > 0 and levels[-1] >= 8 * levels[0]:
        axes.set_xscale("log")
        axes.xaxis.set_minor_locator(NullLocator())
    axes.set_xticks(levels, [words.level(level) for level in levels])
