"""One dose-response panel: means with intervals, one line per other setting."""

import contextlib
import itertools
import math
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.lines import Line2D

from benchmark.answers.summary import summarise
from benchmark.declare.measure import Measure
from benchmark.figures import theme, ticks
from benchmark.figures.expected import draw_expected
from benchmark.figures.panels import Panel
from benchmark.figures.scale import DoseScale, dose_scale
from benchmark.figures.study import Arranged, Stratum, is_name, is_number, level_words
from benchmark.statistics.claims.picture import Law
from benchmark.statistics.inference.intervals import Interval
from benchmark.statistics.selection import ENOUGH, ConditionResult, Unanswerable, select
from benchmark.wording import words

MAX_LINES = 6
"""More lines than this are not told apart: they are drawn alike, with their mean."""

_FAINT = 0.3


class Estimate(NamedTuple):
    """Mean over runs with its 95 % interval, NaN where unknown; share of runs behind it."""

    number: Interval[float]
    share: float

    @property
    def mean(self) -> float:
        """For short, as `low` and `high`."""
        return self.number.estimate

    @property
    def low(self) -> float:
        """Lower end of the interval."""
        return self.number.low

    @property
    def high(self) -> float:
        """Upper end of the interval."""
        return self.number.high


class Looks(NamedTuple):
    """How a line is told from others, in colour and without."""

    colour: str
    marker: str
    dashes: Any


def estimates(conditions: Sequence[ConditionResult], measure: Measure) -> dict[int, Estimate]:
    """The measure in every condition, by the condition's `id()`."""
    by_id = {}
    for result, row in zip(conditions, summarise(conditions, [measure]), strict=True):
        summary = row.measures.get(measure.name)
        numbers, runs = (summary.number, summary.runs) if summary else ((None,) * 3, 0)
        number = Interval(*(math.nan if n is None else n for n in numbers))
        by_id[id(result)] = Estimate(number, runs / max(1, result.runs))
    return by_id


def scale_of(arranged: Arranged) -> DoseScale:
    """The horizontal axis of arranged conditions."""
    members = {x: result for s in arranged.strata for x, result in s.members.items()}
    # A level may be that of an arm which is drawn elsewhere.
    levels = [x for x in arranged.levels if x in members]
    said = (level_words(arranged.axis, x, members[x]) for x in levels)
    labels = [text.replace(" (", "\n(") for text in said]
    return dose_scale(arranged.axis, levels, labels)


def crowded(arranged: Arranged) -> bool:
    """Whether there are too many lines to name each."""
    return len(arranged.strata) > MAX_LINES


def meant(panel: Panel) -> set[int]:
    """`id()` of the conditions that some claim speaks of; all if there is no claim."""
    chosen = [] if panel.claims else list(panel.conditions)
    for claim, _ in panel.claims:
        with contextlib.suppress(Unanswerable):
            chosen += select(panel.conditions, claim.where)
    return {id(result) for result in chosen}


def faint(stratum: Stratum, chosen: set[int]) -> bool:
    """Whether no claim speaks of any of its conditions."""
    return not any(id(result) in chosen for result in stratum.members.values())


def draw_response(axes: Axes, panel: Panel, arranged: Arranged, inches: float) -> None:
    """Draw the measure against the dose, and what is claimed of it.

    Args:
        axes: an empty panel.
        panel: measure and claims.
        arranged: the conditions to draw.
        inches: width of the panel.
    """
    scale, by_id = scale_of(arranged), estimates(panel.conditions, panel.measure)
    scale.apply(axes, inches)
    law = any(isinstance(claim.expect.picture(claim), Law) for claim, _ in panel.claims)
    if not _limit(axes, list(by_id.values()), law):
        return
    # Names have no order, so nothing lies between them.
    joined = scale.kind != "names" or all(map(is_number, arranged.levels))
    count, chosen, crowd = len(arranged.strata), meant(panel), crowded(arranged)
    for i, (stratum, looks) in enumerate(zip(arranged.strata, looks_of(arranged), strict=True)):
        here = [by_id[id(result)] for result in stratum.members.values()]
        if crowd:
            _thin(axes, scale.places(list(stratum.members)), here)
            continue
        shift = (i - (count - 1) / 2) * min(0.016, 0.08 / count)
        places = scale.shifted(list(stratum.members), shift)
        _points(axes, places, here, looks, joined, _FAINT if faint(stratum, chosen) else 1.0)
    if crowd:
        _mean_line(axes, arranged, scale, by_id)
    for claim, _ in panel.claims:
        draw_expected(axes, claim, arranged, scale, lambda result: by_id[id(result)].mean)


def looks_of(arranged: Arranged) -> list[Looks]:
    """How the strata look: a ramp for ordered numbers, else distinct colours."""
    count = len(arranged.strata)
    ordered = len(arranged.paths) == 1 and all(is_number(s.key[0]) for s in arranged.strata)
    colours = theme.ordered(count) if ordered else theme.unordered(count)
    return [
        Looks(colour, marker, dashes)
        for colour, marker, dashes in zip(
            colours, itertools.cycle(theme.MARKERS), itertools.cycle(theme.DASHES), strict=False
        )
    ]


def response_keys(arranged: Arranged) -> list[Artist]:
    """The key of the strata; empty if there is only one."""
    if crowded(arranged):
        look = {"color": theme.QUIET, "linewidth": 0.5, "marker": "o", "markersize": 2}
        return [
            Line2D([], [], label="one setting of everything else", **look),
            Line2D([], [], color=theme.BLUE, linewidth=2, label="mean over these settings"),
        ]
    if len(arranged.strata) < 2:
        return []
    return [
        Line2D([], [], color=looks.colour, marker=looks.marker, linestyle=looks.dashes,
               linewidth=0.9, label=stratum.label)
        for stratum, looks in zip(arranged.strata, looks_of(arranged), strict=True)
    ]  # fmt: skip


def short_keys(arranged: Arranged) -> tuple[list[Artist], str]:
    """The key with what all labels share as its title, "" if that is nothing."""
    keys = response_keys(arranged)
    shared = words.setting(arranged.paths[0]) if len(arranged.paths) == 1 else ""
    labels = [str(key.get_label()) for key in keys]
    if not shared or not all(label.startswith(f"{shared} ") for label in labels):
        return keys, ""
    for key, label in zip(keys, labels, strict=True):
        key.set_label(label.removeprefix(f"{shared} "))
    return keys, shared


def brief_keys(arranged: Arranged) -> tuple[list[Artist], str]:
    """The key by the levels alone of what tells the strata apart, which its title names."""
    keys = response_keys(arranged)
    settings = [dict(zip(s.paths, s.key, strict=True)) for s in arranged.strata]
    paths = dict.fromkeys(path for of_stratum in settings for path in of_stratum)
    telling = [path for path in paths if len({str(s[path]) for s in settings if path in s}) > 1]
    for key, of_stratum in zip(keys, settings, strict=True):
        levels = (words.level(of_stratum[path]) for path in telling if path in of_stratum)
        key.set_label(", ".join(levels))
    titled = [p for p in telling if not any(p in s and is_name(p, s[p]) for s in settings)]
    return keys, ", ".join(words.settings(titled).values())


def _points(
    axes: Axes,
    places: np.ndarray,
    here: Sequence[Estimate],
    looks: Looks,
    joined: bool,
    alpha: float,
) -> None:
    means = np.array([each.mean for each in here])
    if joined:
        axes.plot(places, means, color=looks.colour, linestyle=looks.dashes, linewidth=0.9,
                  alpha=alpha)  # fmt: skip
    for x, each in zip(places, here, strict=True):
        axes.vlines(x, each.low, each.high, color=looks.colour, linewidth=1.3, alpha=alpha)
        axes.plot(
            x, each.mean, looks.marker, markeredgecolor=looks.colour, markeredgewidth=0.9,
            markerfacecolor=looks.colour if each.share >= ENOUGH else "white", alpha=alpha,
        )  # fmt: skip


def _thin(axes: Axes, places: np.ndarray, here: Sequence[Estimate]) -> None:
    means = [each.mean for each in here]
    axes.plot(places, means, "o-", color=theme.QUIET, linewidth=0.5, markersize=2, alpha=0.7)


def _mean_line(
    axes: Axes, arranged: Arranged, scale: DoseScale, by_id: dict[int, Estimate]
) -> None:
    """Mean over the strata that have every level; geometric on a logarithmic axis."""
    whole = [s for s in arranged.strata if len(s.members) == len(arranged.levels)]
    if not whole:
        return
    table = np.array([[by_id[id(r)].mean for r in s.members.values()] for s in whole])
    table = table[np.isfinite(table).all(axis=1)]
    if axes.get_yscale() == "log":
        table = table[(table > 0).all(axis=1)]
    if not len(table):
        return
    log = axes.get_yscale() == "log"
    mean = np.exp(np.log(table).mean(axis=0)) if log else table.mean(axis=0)
    axes.plot(scale.places(arranged.levels), mean, "o-", color=theme.BLUE, linewidth=2)


def _limit(axes: Axes, shown: Sequence[Estimate], law: bool) -> bool:
    """Limits and scale: logarithmic if values are positive and span much, or follow a law.

    Returns:
        Whether there is anything to draw.
    """
    drawn = np.array([number for each in shown for number in each.number])
    drawn = drawn[np.isfinite(drawn)]
    means = np.array([each.mean for each in shown if math.isfinite(each.mean)])
    if not len(means):
        axes.set_yticks([])
        axes.text(0.5, 0.5, "no run has a value", transform=axes.transAxes, ha="center",
                  color=theme.QUIET)  # fmt: skip
        return False
    low, high = float(drawn.min()), float(drawn.max())
    if means.min() > 0 and (law or means.max() > 6 * means.min()):
        low = max(low, float(means.min()) / 4)
        stretch = max((high / low) ** 0.06, 1.05)
        axes.set_ylim(low / stretch, high * stretch)
        ticks.logarithmic(axes)
        return True
    pad = 0.07 * (high - low) or 0.05 * abs(high) or 0.05
    axes.set_ylim(low - pad, high + pad)
    ticks.linear(axes)
    return True
