"""Dose-response: every claimed measure against the dose, with verdicts in the titles."""

from collections.abc import Sequence
from dataclasses import replace

from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from benchmark.figures import theme
from benchmark.figures.expected import expected_keys, expected_kind
from benchmark.figures.headline import headline, headline_height
from benchmark.figures.panels import Panel, panels
from benchmark.figures.response import (
    brief_keys,
    crowded,
    draw_response,
    faint,
    meant,
    response_keys,
    scale_of,
    short_keys,
)
from benchmark.figures.sheet import by_rows, key_columns, sheet, width_of, wrap
from benchmark.figures.study import Arranged, Study, diverged
from benchmark.statistics.claims.picture import Law
from benchmark.tables import claimed

MAX_PANELS = 9
_PANEL = 1.75  # height in inches of a panel with its axis, without its head
_AROUND = 0.55  # inches beside a panel that its axis takes
_HANDLE = 22.0  # points that a handle of a key inside a panel takes, with its gaps


def draw_doses(study: Study) -> Figure:
    """One panel per claimed measure: mean over runs with its 95 % interval."""
    every = panels(study)
    shown = every[:MAX_PANELS]
    arranged = [
        _told_apart(panel, study.arrange(panel.conditions, panel.axis)) for panel in shown
    ]
    columns = max(1, min(len(shown), 2 if len(shown) in (2, 4) else 3))
    rows = max(1, -(-len(shown) // columns))
    width = theme.WIDTH[1 if columns == 1 else 2]
    inches = width / columns - _AROUND
    several = len(study.arms) > 1
    heads = [headline_height(panel, 72 * inches, several) / 72 for panel in shown]
    below = [scale_of(layout).depth(inches) for layout in arranged]
    highest = [
        max(part[r * columns : (r + 1) * columns], default=0)
        for r in range(rows)
        for part in (heads, below)
    ]
    common = _common(arranged)
    figure = sheet(
        width,
        rows * _PANEL + sum(highest),
        study.answer.scenario.question,
        f"{claimed.tally(study.verdicts)}. Means over {study.runs} with 95 % intervals.",
        [*(response_keys(common) if common else []), *_expected_keys(shown)],
        _notes(study, every, shown, arranged),
    )
    grid = figure.subplots(rows, columns, squeeze=False).ravel()
    for axes, panel, layout in zip(grid, shown, arranged, strict=False):
        draw_response(axes, panel, layout, inches)
        if common is None and len(layout.strata) > 1:
            _own_key(axes, layout, 72 * inches)
        headline(axes, panel, 72 * inches, several)
        steps = study.steps(panel.measure.series[0])
        axes.set_ylabel(panel.measure.axis(study.loss, steps))
    for axes in grid[len(shown) :]:
        axes.set_axis_off()
    return figure


def _told_apart(panel: Panel, arranged: Arranged) -> Arranged:
    """Only the lines that claims speak of, where all would be too many to name."""
    chosen = meant(panel)
    kept = [stratum for stratum in arranged.strata if not faint(stratum, chosen)]
    if not kept or not crowded(arranged):
        return arranged
    return replace(arranged, strata=kept)


def _common(arranged: Sequence[Arranged]) -> Arranged | None:
    """A panel whose key serves all panels; None if their lines mean different things."""
    several = [each for each in arranged if len(each.strata) > 1]
    keys = {tuple(str(key.get_label()) for key in response_keys(each)) for each in several}
    return several[0] if len(keys) == 1 else None


def _expected_keys(shown: Sequence[Panel]) -> list[Artist]:
    claims = [claim for panel in shown for claim, _ in panel.claims]
    pictures = [claim.expect.picture(claim) for claim in claims]
    powers = {picture.exponent for picture in pictures if isinstance(picture, Law)}
    power = powers.pop() if len(powers) == 1 else None
    return expected_keys({expected_kind(picture) for picture in pictures}, power)


def _own_key(axes: Axes, arranged: Arranged, room: float) -> None:
    """A key inside the panel, for which its top is kept free of data."""
    keys, title = short_keys(arranged)
    labels = [str(key.get_label()) for key in keys]
    if not crowded(arranged) and max(_width(label) for label in labels) > room - _HANDLE:
        keys, title = brief_keys(arranged)
        labels = [str(key.get_label()) for key in keys]
    titles = wrap(title, room, theme.SMALL)
    columns = key_columns(labels, room, theme.SMALL, handle=_HANDLE)
    low, high = axes.get_ylim()
    kept = [tick for tick in axes.get_yticks() if low <= tick <= high]
    lines = -(-len(keys) // columns) + len(titles)
    # Half of the panel at most, unless the key itself is higher.
    free = min(0.09 * lines + 0.02, max(0.5, 0.074 * lines + 0.03))
    if axes.get_yscale() == "log":
        axes.set_ylim(low, high * (high / low) ** (free / (1 - free)))
    else:
        axes.set_ylim(low, high + (high - low) * free / (1 - free))
    axes.set_yticks(kept)
    axes.legend(
        handles=by_rows(keys, columns), loc="upper left", ncols=columns,
        title="\n".join(titles) or None, title_fontsize=theme.SMALL, alignment="left",
        fontsize=theme.SMALL, borderaxespad=0, borderpad=0.2, handlelength=1.5,
        labelspacing=0.2, columnspacing=0.8, frameon=True, facecolor="white",
        edgecolor="none", framealpha=0.9,
    ).set_in_layout(False)  # fmt: skip


def _width(label: str) -> float:
    return width_of(label, theme.SMALL)


def _notes(
    study: Study, every: Sequence[Panel], shown: Sequence[Panel], arranged: Sequence[Arranged]
) -> list[str]:
    notes = []
    if len(every) > len(shown):
        notes.append(f"{len(shown)} of {len(every)} measures are shown.")
    drawn = {id(result): result for panel in shown for result in panel.conditions}
    bad = {key: count for key, result in drawn.items() if (count := diverged(result))}
    if bad:
        total = sum(drawn[key].runs for key in bad)
        where = f"{len(bad)} condition{'s' if len(bad) > 1 else ''}"
        notes.append(
            f"{sum(bad.values())} of the {total} runs in {where} diverged: where a measure "
            "needs finite curves, its mean is over the others. Hollow: fewer than half the "
            "runs have a value."
        )
    for panel, layout in zip(shown, arranged, strict=True):
        chosen = meant(panel)
        if not crowded(layout) and any(faint(s, chosen) for s in layout.strata):
            notes.append("Faint: settings of which no claim speaks.")
            break
    return notes
