"""Curves against time: what a practitioner would see, and how much runs differ."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from benchmark.declare.claims import Claim
from benchmark.declare.designs import ARM
from benchmark.declare.series import parse
from benchmark.figures import theme, ticks
from benchmark.figures.bands import SINGLE_RUNS, Bands, band_keys, bands, draw_bands, limits
from benchmark.figures.sheet import sheet, width_of, wrap
from benchmark.figures.study import (
    CONDITION,
    Arranged,
    Study,
    diverged,
    is_number,
    level_words,
    name,
    spread,
)
from benchmark.statistics.selection import ConditionResult

MAX_DOSES = 5
MAX_ROWS = 6
MAX_ARMS = 8
LAST_STEPS = 100
# With more sections than this, the label of the time axis stands below the last only.
_FEW = 3
_USUAL = ("train_loss", "validation_loss", "validation_accuracy")
_COLOURS = {"train": theme.BLUE, "validation": theme.VERMILION, "step": theme.PURPLE}


@dataclass(frozen=True)
class _Section:
    """Rows that show the same conditions."""

    axis: str
    label: str
    arm: str
    members: dict[Any, ConditionResult]


def draw_curves(study: Study) -> Figure:
    """Small multiples: one column per dose, one row per series (and other setting)."""
    sections, left_out = _sections(study)
    most = max(1, min(4, MAX_ROWS // len(sections)))
    rows = [(section, key) for section in sections for key in _series(study, section, most)]
    columns = max(len(section.members) for section in sections)
    drawn = {
        (r, c): _bands(result, key)
        for r, (section, key) in enumerate(rows)
        for c, result in enumerate(section.members.values())
        if key in result.series
    }
    width = theme.WIDTH[1 if columns == 1 else 2]
    height = 1.2 if len(rows) <= 4 else 0.95 if len(rows) <= 6 else 0.8
    figure = sheet(
        width,
        len(rows) * height + (0.45 if len(sections) <= _FEW else 0.33) * len(sections) + 0.1,
        study.answer.scenario.question,
        f"{study.runs} per condition, against epochs; epoch 0 is the untrained network.",
        band_keys(_seeds(study)),
        _notes(sections, drawn.values(), _sketched(study, left_out)),
    )
    grid = figure.subplots(len(rows), columns, squeeze=False)
    for r, (section, key) in enumerate(rows):
        same = [
            drawn[place] for place in drawn
            if rows[place[0]][1] == key and rows[place[0]][0].arm == section.arm
        ]  # fmt: skip
        bounds = limits(same, parse(key).is_loss)
        for c in range(columns):
            if (r, c) not in drawn:
                grid[r, c].set_axis_off()
                continue
            _panel(grid[r, c], drawn[r, c], key, bounds, first=c == 0)
            _time_axis(study, grid[r, c], drawn[r, c], rows, r)
        if (r, 0) in drawn:
            grid[r, 0].set_ylabel(_value_label(key, study.loss, 72 * height - 6))
        if r == 0 or section is not rows[r - 1][0]:
            _titles(grid[r], section, (72 * width - 70) / columns - 8)
        if len(sections) > 1 or section.arm:
            _label_right(grid[r, len(section.members) - 1], section.label, 72 * height)
    figure.align_ylabels(list(grid[:, 0]))
    return figure


def _sections(study: Study) -> tuple[list[_Section], str]:
    """The conditions to show, and which are left out, in words."""
    arms = dict.fromkeys(result.settings.get(ARM, "") for result in study.conditions)
    sections, shown, doses = [], 0, ""
    for arm in [list(arms)[i] for i in spread(len(arms), MAX_ARMS)]:
        conditions = [r for r in study.conditions if r.settings.get(ARM, "") == arm]
        arranged = study.arrange(conditions)
        for i in _chosen_strata(arranged, 3 if len(arms) == 1 else 1):
            stratum = arranged.strata[i]
            levels = [list(stratum.members)[j] for j in spread(len(stratum.members), MAX_DOSES)]
            members = {level: stratum.members[level] for level in levels}
            label = "\n".join(filter(None, (arm, stratum.label)))
            sections.append(_Section(arranged.axis, label, arm, members))
            shown += len(members)
    if shown < len(study.conditions):
        doses = f"{shown} of {len(study.conditions)} conditions are shown, evenly spread."
    return sections, doses


def _chosen_strata(arranged: Arranged, most: int) -> list[int]:
    if most == 1:
        return [len(arranged.strata) // 2]
    return spread(len(arranged.strata), most)


def _series(study: Study, section: _Section, most: int) -> list[str]:
    """The series to show: those of the claims on the arm first, in a fixed order."""
    recorded = dict.fromkeys(
        key
        for r in section.members.values()
        for key, values in r.series.items()
        if values.ndim > 1
    )
    claimed = [
        key
        for claim in study.claims
        if section.arm in _arms(claim, section.arm)
        for key in claim.measure.series
    ]
    candidates = [key for key in dict.fromkeys((*_USUAL, *claimed)) if key in recorded]
    candidates = candidates or list(recorded)
    ranked = sorted(candidates, key=lambda key: (key not in claimed, key == "train_loss"))
    # Losses tell most; a step series alone would hide the course of training.
    if most == 1:
        ranked.sort(key=lambda key: (not parse(key).is_loss, study.steps(key)))
    chosen = set(ranked[:most])
    return [key for key in candidates if key in chosen]


def _arms(claim: Claim, default: str) -> tuple[str, ...]:
    wanted = claim.where.get(ARM, default)
    return tuple(wanted) if isinstance(wanted, tuple | list) else (wanted,)


def _bands(result: ConditionResult, name: str) -> Bands:
    values = np.asarray(result.series[name], dtype=np.float64)
    if values.ndim == 3:
        # Epoch 0 has no steps.
        flat = values[:, 1:].reshape(len(values), -1)[:, -LAST_STEPS:]
        return bands(flat, np.arange(flat.shape[1]))
    return bands(values, np.arange(values.shape[1]))


def _panel(
    axes: Axes, curves: Bands, name: str, bounds: tuple[float, float, bool], first: bool
) -> None:
    low, high, logarithmic = bounds
    axes.set_ylim(low, high)
    ticks.logarithmic(axes) if logarithmic else ticks.linear(axes)
    if not first:
        axes.tick_params(labelleft=False)
    if len(curves.times):
        span = max(float(curves.times[-1] - curves.times[0]), 1.0)
        axes.set_xlim(curves.times[0] - 0.02 * span, curves.times[-1] + 0.02 * span)
    named = parse(name)
    colour = theme.GREEN if named.is_share else _COLOURS.get(named.look or named.split)
    draw_bands(axes, curves, colour or theme.GREEN, (low, high))


def _value_label(series: str, loss: str | None, room: float) -> str:
    """A series with its unit, in lines that fit beside its row."""
    lines = wrap(parse(series).words, room, theme.NORMAL)
    unit = parse(series).unit(loss)
    return "\n".join([*lines, f"({unit})"] if unit else lines)


def _time_axis(
    study: Study, axes: Axes, curves: Bands, rows: Sequence[tuple[_Section, str]], r: int
) -> None:
    """Ticks of the time axis, and its label below the last of the rows that share it."""
    section, steps = rows[r][0], study.steps(rows[r][1])
    if steps:
        axes.set_xticks([])
        axes.set_xlabel(f"last {len(curves.times)} steps")
        return
    axes.locator_params(axis="x", nbins=4, integer=True)
    below = rows[r + 1] if r + 1 < len(rows) else None
    if below and below[0] is section and not study.steps(below[1]):
        axes.tick_params(labelbottom=False)
    elif below is None or len({id(section) for section, _ in rows}) <= _FEW:
        axes.set_xlabel("epoch")


def _titles(axes: np.ndarray, section: _Section, room: float) -> None:
    if section.axis == CONDITION and len(section.members) == 1:
        return
    said = [level_words(section.axis, level, r) for level, r in section.members.items()]
    if section.axis != CONDITION:
        prefix = name(section.axis, 0).removesuffix("0")
        kinds = "." not in section.axis and not all(map(is_number, section.members))
        full = said if kinds else [f"{prefix}{text}" for text in said]
        fits = all(width_of(text, theme.NORMAL) <= room for text in full)
        said = full if fits else [full[0].replace(said[0], f"\n{said[0]}"), *said[1:]]
    for each, text, result in zip(axes, said, section.members.values(), strict=False):
        bad = diverged(result)
        note = f"\n{bad} of {result.runs} diverged" if bad else ""
        each.set_title(text + note, color=theme.INK, pad=3, linespacing=1.15)


def _label_right(axes: Axes, label: str, room: float) -> None:
    lines = [line for part in label.split("\n") for line in wrap(part, room, theme.SMALL)]
    axes.annotate(
        "\n".join(lines), (1, 0.5), (4, 0), xycoords="axes fraction",
        textcoords="offset points", rotation=270, ha="left", va="center",
        color=theme.QUIET, fontsize=theme.SMALL, linespacing=1.1,
    )  # fmt: skip


def _seeds(study: Study) -> str:
    count = min(SINGLE_RUNS, min(result.runs for result in study.conditions))
    return f"{count} single runs"


def _sketched(study: Study, left_out: str) -> str:
    """What is left out, and of how many runs the bands are if not of all."""
    counts = {len(values) for result in study.conditions for values in result.series.values()}
    if min(counts) == min(result.runs for result in study.conditions):
        return left_out
    return f"{left_out} Bands are of the first {min(counts)} runs.".strip()


def _notes(sections: Sequence[_Section], drawn: Iterable[Bands], left_out: str) -> list[str]:
    notes = [left_out] if left_out else []
    same = ", and have the same seeds in every column" if len(sections[0].members) > 1 else ""
    cut = any(not np.isfinite(each.singles).all() for each in drawn)
    mark = "; × marks where one becomes infinite" if cut else ""
    notes.append(f"The single runs are the first ones, not picked{same}{mark}.")
    if any(diverged(result) for s in sections for result in s.members.values()):
        notes.append(
            "A diverged run is non-finite or ends far above its initial loss; in the bands "
            "what is not finite counts as infinitely high."
        )
    return notes
