"""Which source of randomness spreads the runs: shares of variance of crossed sources."""

from collections.abc import Sequence

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from benchmark.declare.measure import Measure
from benchmark.figures import theme
from benchmark.figures.sheet import sheet, wrap
from benchmark.figures.study import Study
from benchmark.statistics.attribution.crossed import Components, SourceShares
from benchmark.statistics.inference.intervals import Interval
from benchmark.wording import words
from benchmark.wording.numbers import number, percent

_ROW = 0.24
"""Inches a source takes."""

_COLUMNS = 3

_LOOKS = (("total", theme.VERMILION, "o", 0.13), ("main", theme.BLUE, "s", -0.13))
"""Kind of share, colour, marker, and shift of its row's height."""

_SAID = {
    "total": "total: stays when all other sources are held fixed",
    "main": "main: goes when the source itself is held fixed",
}


def draw_components(study: Study, components: Sequence[Components]) -> Figure:
    """One panel per measure and arm: what each source does by itself, and with others."""
    measures = {measure.name: measure for measure in study.measures}
    columns = min(_COLUMNS, len(components))
    rows = [components[i : i + columns] for i in range(0, len(components), columns)]
    heights = [0.95 + _ROW * max(len(each.sources) for each in row) for row in rows]
    first = components[0]
    figure = sheet(
        theme.WIDTH[2],
        sum(heights),
        _finding(first, measures[first.measure]),
        f"Every combination of two seeds for each source, {first.replicates} times with fresh "
        "seeds. Shares of the variance between runs with 95 % intervals; the total shares "
        "exceed 100 % together where sources interact.",
        [
            Line2D([], [], color=colour, marker=marker, linewidth=2, label=_SAID[kind])
            for kind, colour, marker, _ in _LOOKS
        ],
    )
    grid = figure.subplots(
        len(rows), columns, squeeze=False, gridspec_kw={"height_ratios": heights}
    )
    for axes, each in zip(grid.ravel(), components, strict=False):
        _draw(axes, each, measures[each.measure], study.loss, columns)
    for axes in grid.ravel()[len(components) :]:
        axes.set_axis_off()
    return figure


def _finding(components: Components, measure: Measure) -> str:
    what, together = measure.words, components.interactions.estimate
    if together is None or not components.sources:
        return f"Nothing varies the {what}"
    if together > 0.5:
        said = f"interactions of sources make {percent(together)}"
    else:
        most = max(components.sources, key=lambda source: source.main.estimate or 0.0)
        said = f"fixing {most.source.replace('_', ' ')} removes {percent(most.main.estimate)}"
    arm = f"{components.arm}: " if components.arm else ""
    return words.sentence(f"{arm}{said} of the variance of the {what}")


def _draw(
    axes: Axes, components: Components, measure: Measure, loss: str | None, columns: int
) -> None:
    sources = components.sources[::-1]
    for place, source in enumerate(sources):
        _source(axes, place, source)
    axes.set_yticks(range(len(sources)), [s.source.replace("_", " ") for s in sources])
    axes.set_ylim(-0.6, len(sources) - 0.4)
    axes.set_xlim(-3, 103)
    axes.set_xticks([0, 25, 50, 75, 100])
    axes.grid(visible=False, axis="y")
    sd, unit = components.sd.estimate or 0.0, measure.unit_in(loss, steps=False)
    spread = f"SD {number(sd)}{f' ({unit})' if unit else ''}"
    axes.set_xlabel(f"share of variance (%)\n{spread}")
    room = 72 * theme.WIDTH[2] / columns - 55
    said = wrap(components.arm, room, theme.NORMAL) + wrap(
        words.sentence(measure.words), room, theme.NORMAL
    )
    axes.set_title("\n".join(said), loc="left")


def _source(axes: Axes, place: int, source: SourceShares) -> None:
    for kind, colour, marker, shift in _LOOKS:
        part: Interval[float | None] = getattr(source, kind)
        if part.estimate is None or part.low is None or part.high is None:
            continue
        y = place + shift
        axes.plot([100 * part.low, 100 * part.high], [y, y], color=colour, linewidth=2)
        axes.plot(100 * part.estimate, y, marker, color=colour, markeredgecolor="white")
