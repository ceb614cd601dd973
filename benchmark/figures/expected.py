"""What a claim expects, drawn into the panel of its measure."""

import math
from collections.abc import Callable, Collection, Sequence
from dataclasses import replace

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from benchmark.declare.claims import Claim
from benchmark.figures import theme
from benchmark.figures.scale import DoseScale
from benchmark.figures.study import Arranged, Stratum
from benchmark.statistics.claims.picture import Band, Law, Picture, Place, Theory
from benchmark.statistics.selection import ConditionResult, Unanswerable, select
from benchmark.wording.numbers import number

Mean = Callable[[ConditionResult], float]

# Borders this many lengths of the axis away are left outside the picture.
_FAR = 1.5
THEORY, SLOPE, REGION = "theory", "claimed slope", "claimed region"
_LOOKS = {
    THEORY: {"color": theme.INK, "linestyle": (0, (4, 1.5)), "linewidth": 1.0, "zorder": 1.9},
    SLOPE: {"color": theme.INK, "linestyle": (0, (1, 1.2)), "linewidth": 1.2, "zorder": 1.9},
    REGION: {"color": "#8c8c8c", "alpha": 0.22, "linewidth": 0},
}


def expected_kind(picture: Picture | None) -> str | None:
    """What `draw_expected` draws of an expectation, None for comparisons and trends."""
    match picture:
        case Theory():
            return THEORY
        case Law():
            return SLOPE
        case Band() | Place():
            return REGION
    return None


def draw_expected(
    axes: Axes, claim: Claim, arranged: Arranged, scale: DoseScale, mean: Mean
) -> None:
    """Draw the theory, slope or region of a claim; nothing for comparisons.

    Args:
        axes: panel of the claim's measure; its vertical limits hold the data.
        claim: what is expected.
        arranged: the conditions of the panel.
        scale: where doses stand.
        mean: the measure's value in a condition.
    """
    every = [result for stratum in arranged.strata for result in stratum.members.values()]
    try:
        chosen = {id(result) for result in select(every, claim.where)}
    except Unanswerable:
        return
    picture = claim.expect.picture(claim)
    if isinstance(picture, Place):
        _place(axes, picture, [r for r in every if id(r) in chosen], arranged.axis, scale)
        return
    parts = [_selected(stratum, chosen) for stratum in arranged.strata]
    parts = [part for part in parts if part.members]
    if isinstance(picture, Band) and picture.first_of is None:
        # The same for all strata: one box over all of their doses, or shades would add up.
        doses = {x for part in parts for x in part.members}
        levels = [x for x in scale.levels if x in doses]
        _region(axes, scale.reach(levels), picture.low, picture.high)
        return
    for part in parts:
        _draw(axes, picture, part, arranged.axis, scale, mean)


def _selected(stratum: Stratum, chosen: Collection[int]) -> Stratum:
    """The conditions of a stratum whose `id()` is among the chosen."""
    members = {x: r for x, r in stratum.members.items() if id(r) in chosen}
    return replace(stratum, members=members)


def expected_keys(drawn: Collection[str | None], power: float | None = None) -> list[Artist]:
    """The key of what claims expect.

    Args:
        drawn: kinds, as `expected_kind` gives them.
        power: the exponent of all claimed power laws, if there is only one.
    """
    slope = SLOPE if power is None else f"{SLOPE} {number(power)}"
    keys: list[Artist] = [
        Line2D([], [], label=label, **_LOOKS[kind])
        for kind, label in ((THEORY, THEORY), (SLOPE, slope)) if kind in drawn
    ]  # fmt: skip
    return [*keys, *([Patch(label=REGION, **_LOOKS[REGION])] if REGION in drawn else [])]


def _draw(
    axes: Axes,
    picture: Picture | None,
    stratum: Stratum,
    axis: str,
    scale: DoseScale,
    mean: Mean,
) -> None:
    levels = list(stratum.members)
    match picture:
        case Theory():
            theory = [picture.value(result) for result in stratum.members.values()]
            _line(axes, scale.places(levels), theory, THEORY)
        case Law() if picture.axis == axis and scale.kind != "names":
            _slope(axes, picture, stratum, scale, mean)
        case Band() if picture.first_of == axis:
            first = mean(stratum.members[levels[0]])
            if math.isfinite(first):
                ends = sorted(first * (end or 0.0) for end in (picture.low, picture.high))
                _region(axes, scale.reach(levels), ends[0], ends[1])


def _slope(axes: Axes, law: Law, stratum: Stratum, scale: DoseScale, mean: Mean) -> None:
    """A line of the claimed exponent through the logarithmic centre of the data."""
    levels = list(stratum.members)
    x, y = scale.places(levels), np.array([mean(r) for r in stratum.members.values()])
    positive = np.isfinite(y) & (y > 0) & (x > 0)
    if positive.sum() < 2:
        return
    logs = np.log(x[positive]), np.log(y[positive])
    centre = logs[1].mean() + law.exponent * (logs[0] - logs[0].mean())
    _line(axes, x[positive], np.exp(centre), SLOPE)


def _place(
    axes: Axes,
    peak: Place,
    chosen: Sequence[ConditionResult],
    axis: str,
    scale: DoseScale,
) -> None:
    """Where it is claimed: a stretch of the axis, once for all strata that agree."""
    if peak.axis != axis or scale.kind == "names":
        return
    low, high = axes.get_xlim()
    for at in sorted({peak.at(result) for result in chosen}):
        left, right = max(low, at / peak.within), min(high, at * peak.within)
        if left < right:
            axes.axvspan(left, right, zorder=0.5, **_LOOKS[REGION])
        if low < at < high:
            axes.axvline(at, zorder=0.6, color=theme.QUIET, linewidth=0.6)


def _line(axes: Axes, x: np.ndarray, y: Sequence[float] | np.ndarray, kind: str) -> None:
    # A single prediction needs a length to be seen.
    marker = {"marker": "_", "markersize": 14} if len(x) == 1 else {}
    axes.plot(x, y, **_LOOKS[kind], **marker)


def _region(
    axes: Axes, ends: tuple[float, float], low: float | None, high: float | None
) -> None:
    """A box over some doses; an open side goes to the edge of the panel."""
    if axes.get_yscale() == "log":
        low, high = (edge if edge is not None and edge > 0 else None for edge in (low, high))
    bottom, top = _widened(axes, [edge for edge in (low, high) if edge is not None])
    box = [bottom if low is None else max(low, bottom), top if high is None else min(high, top)]
    if box[0] < box[1]:
        axes.fill_between(ends, box[0], box[1], zorder=0.5, **_LOOKS[REGION])
        for edge in (low, high):
            if edge is not None and bottom < edge < top:
                axes.plot(ends, [edge, edge], color=theme.QUIET, linewidth=0.6, zorder=0.6)


def _widened(axes: Axes, edges: Sequence[float]) -> tuple[float, float]:
    """Limits of the vertical axis, widened to show borders that are not too far away."""
    log = axes.get_yscale() == "log"
    forth, back = (math.log, math.exp) if log else (float, float)
    bottom, top = (forth(end) for end in axes.get_ylim())
    length = top - bottom
    near = [e for e in map(forth, edges) if bottom - _FAR * length < e < top + _FAR * length]
    bottom = min([bottom, *(edge - 0.08 * length for edge in near)])
    top = max([top, *(edge + 0.08 * length for edge in near)])
    axes.set_ylim(back(bottom), back(top))
    return back(bottom), back(top)
