"""Horizontal axes for doses: logarithmic, linear or a row of names."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.axes import Axes

from benchmark.figures import theme
from benchmark.figures.sheet import width_of, wrap
from benchmark.figures.study import CONDITION, is_number
from benchmark.wording import words

# Closer than this share of the axis, doses are set at equal distances instead.
_CLOSEST = 0.03
_MARGIN = 0.06


@dataclass(frozen=True)
class DoseScale:
    """Where doses stand.

    Attributes:
        axis: path of the dose.
        levels: all doses in order.
        labels: the doses in words.
        kind: "log", "linear", or "names" at equal distances.
    """

    axis: str
    levels: list[Any]
    labels: list[str]
    kind: str

    def places(self, levels: Sequence[Any]) -> np.ndarray:
        """Positions in data coordinates, [level]."""
        if self.kind == "names":
            return np.array([self.levels.index(level) for level in levels], dtype=np.float64)
        return np.array(levels, dtype=np.float64)

    def shifted(self, levels: Sequence[Any], share: float) -> np.ndarray:
        """Positions moved sideways by a share of the axis, so that intervals do not hide."""
        return self._back(self._forth(self.places(levels)) + share * self._length)

    def reach(self, levels: Sequence[Any]) -> tuple[float, float]:
        """Ends of the stretch of the axis that belongs to these doses and to no others."""
        every = self._forth(self.places(self.levels))
        chosen = [self.levels.index(level) for level in levels]
        first, last = min(chosen), max(chosen)
        half = 0.5 if self.kind == "names" else _MARGIN * self._length
        low = every[first] - half if first == 0 else (every[first - 1] + every[first]) / 2
        end = last == len(every) - 1
        high = every[last] + half if end else (every[last] + every[last + 1]) / 2
        low, high = self._back(np.array([low, high]))
        return float(low), float(high)

    def apply(self, axes: Axes, inches: float) -> None:
        """Scale, limits, ticks and label of the horizontal axis of a panel that wide."""
        if self.kind == "log":
            axes.set_xscale("log")
        axes.set_xlim(*self.reach(self.levels))
        places = self.places(self.levels)
        if self.kind == "names":
            self._names(axes, 72 * inches)
        else:
            shown = self._fitting(places, 72 * inches)
            axes.set_xticks(places[shown], [self.labels[i] for i in shown])
        axes.set_xticks([], minor=True)
        axes.set_xlabel("" if self.axis == CONDITION else words.setting(self.axis))
        if self.kind == "names":
            axes.grid(visible=False, axis="x")

    def _names(self, axes: Axes, points: float) -> None:
        """Every name, wrapped if that is enough, else slanted."""
        room = points / len(self.labels) - 4
        wrapped = ["\n".join(wrap(label, room, theme.SMALL)) for label in self.labels]
        if max(map(_width, wrapped)) <= room:
            axes.set_xticks(range(len(wrapped)), wrapped)
        else:
            upright = self._steep(points)
            axes.set_xticks(range(len(wrapped)), self.labels, ha="right",
                            rotation=90 if upright else 30, rotation_mode="anchor",
                            va="center" if upright else "top")  # fmt: skip

    def _steep(self, points: float) -> bool:
        """Whether slanted names would overlap."""
        return points / len(self.labels) < 2.5 * theme.SMALL

    def depth(self, inches: float) -> float:
        """Inches that upright names take below a panel that wide, beyond what is usual."""
        if self.kind != "names" or not self._steep(72 * inches):
            return 0.0
        return max(max(map(_width, self.labels)) / 72 - 0.25, 0.0)

    def _fitting(self, places: np.ndarray, points: float) -> list[int]:
        """The doses whose labels fit side by side, from both ends inwards."""
        here = self._forth(places) / self._length * points / (1 + 2 * _MARGIN)
        widths = [_width(label) for label in self.labels]
        shown: list[int] = []
        for i in dict.fromkeys([0, len(places) - 1, *range(1, len(places) - 1)]):
            clear = (abs(here[i] - here[j]) > (widths[i] + widths[j]) / 2 + 3 for j in shown)
            if all(clear):
                shown.append(i)
        return sorted(shown)

    @property
    def _length(self) -> float:
        ends = self._forth(self.places([self.levels[0], self.levels[-1]]))
        return float(ends[1] - ends[0]) or 1.0

    def _forth(self, places: np.ndarray) -> np.ndarray:
        return np.log(places) if self.kind == "log" else places

    def _back(self, places: np.ndarray) -> np.ndarray:
        return np.exp(places) if self.kind == "log" else places


def dose_scale(axis: str, levels: Sequence[Any], labels: Sequence[str]) -> DoseScale:
    """The scale on which doses are told apart.

    Logarithmic if all doses are positive, else linear; a row of names for what is no
    number, and for numbers that would fall on one another (0.9, 0.99, 0.999; 0, 1e-7, 1).
    """
    kind = "names"
    if len(levels) > 1 and all(is_number(level) and math.isfinite(level) for level in levels):
        positive = levels[0] > 0
        here = np.log(levels) if positive else np.asarray(levels, dtype=np.float64)
        gaps = np.diff(here) / (here[-1] - here[0])
        if gaps.min() >= _CLOSEST and not _near_one(levels):
            kind = "log" if positive else "linear"
    return DoseScale(axis, list(levels), list(labels), kind)


def _near_one(levels: Sequence[float]) -> bool:
    """Whether the doses are shares that crowd below 1, such as decay rates."""
    return levels[0] > 0 and 0.9 < levels[-1] < 1 and (1 - levels[0]) / (1 - levels[-1]) > 5


def _width(text: str) -> float:
    return max(width_of(line, theme.SMALL) for line in text.split("\n"))
