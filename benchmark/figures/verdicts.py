"""All claims of a scenario at a glance: estimates, intervals, regions and verdicts."""

import math
from collections.abc import Sequence

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import LogLocator, MaxNLocator, NullLocator

from benchmark.declare.claims import Claim
from benchmark.figures import theme, ticks
from benchmark.figures.sheet import sheet, wrap
from benchmark.figures.study import Study
from benchmark.statistics.claims.region import Region
from benchmark.statistics.claims.verdicts import Verdict
from benchmark.statistics.inference.intervals import Interval
from benchmark.tables import claimed
from benchmark.wording import words
from benchmark.wording.numbers import interval, number

# Shares of the width: claim, strip, verdict.
_SHARES = (0.46, 0.32, 0.22)
_SHADE = "#8c8c8c"


def draw_verdicts(study: Study) -> Figure:
    """One row per claim: its words, its estimate on a scale of its own, its verdict."""
    width = theme.WIDTH[2]
    room = [72 * width * share - 12 for share in _SHARES]
    rows = [
        _Row(claim, verdict, room)
        for claim, verdict in zip(study.claims, study.verdicts, strict=True)
    ]
    figure = sheet(
        width,
        sum(row.height for row in rows) / 72 + 0.05,
        study.answer.scenario.question,
        f"{claimed.tally(study.verdicts)}. Estimates from {study.runs} with 95 % intervals; "
        "verdicts allow for the number of claims.",
        _keys(study.verdicts),
    )
    if not rows:
        return figure
    grid = figure.subplots(
        len(rows), 3, squeeze=False,
        gridspec_kw={"height_ratios": [row.height for row in rows], "width_ratios": _SHARES},
    )  # fmt: skip
    for row, (left, strip, right) in zip(rows, grid, strict=True):
        for each in (left, right):
            each.set_axis_off()
        _write(left, row.says, row.judged_by)
        _strip(strip, row)
        _write(right, row.decision, row.numbers, row.sign.colour)
    return figure


class _Row:
    """The words of one claim, wrapped, and what is drawn of it."""

    def __init__(self, claim: Claim, verdict: Verdict, room: Sequence[float]):
        self.verdict, region = verdict, verdict.region
        self.sign = theme.SIGNS[verdict.verdict]
        self.says = wrap(words.sentence(claim.says), room[0], theme.NORMAL)
        judged_by = claimed.expectation(claim) if region is None else region.of(claim.measure)
        named = f"{claimed.arms(claim)}: " if claimed.arms(claim) else ""
        self.judged_by = wrap(f"{named}{judged_by}", room[0], theme.SMALL)
        said = f"{self.sign.symbol} {claimed.decision(verdict)}"
        self.decision = wrap(said, room[2], theme.NORMAL, bold=True)
        self.numbers = wrap(_numbers(verdict), room[2], theme.SMALL)
        # Why there is no answer can be long: what is to be said is said at its start.
        self.reason = wrap(verdict.note, room[1], theme.SMALL)
        if len(self.reason) > 3:
            self.reason[2:] = [f"{self.reason[2]} …"]
        lines = max(
            len(self.says) * theme.NORMAL + len(self.judged_by) * theme.SMALL,
            len(self.decision) * theme.NORMAL + len(self.numbers) * theme.SMALL,
        )
        self.height = max(38.0, 1.3 * lines + 14)


def _numbers(verdict: Verdict) -> str:
    if verdict.number.estimate is None:
        return ""
    return f"{number(verdict.number.estimate)} {interval(*verdict.number.ends)}".strip()


def _write(axes: Axes, first: list[str], second: list[str], colour: str | None = None) -> None:
    """A statement with quieter text below, centred on the row."""
    axes.set_xlim(0, 1)
    total = len(first) * theme.NORMAL + len(second) * theme.SMALL
    middle = 0.65 * total
    for lines, size, shade, bold, drop in (
        (first, theme.NORMAL, colour or theme.INK, bool(colour), 0.0),
        (second, theme.SMALL, theme.QUIET, False, 1.3 * len(first) * theme.NORMAL),
    ):
        axes.annotate(
            "\n".join(lines), (0, 0.5), (2, middle - drop), xycoords="axes fraction",
            textcoords="offset points", va="top", ha="left", fontsize=size, color=shade,
            fontweight="bold" if bold else "normal", linespacing=1.2, annotation_clip=False,
        ).set_in_layout(False)  # fmt: skip


def _strip(axes: Axes, row: _Row) -> None:
    measured, region = row.verdict.number, row.verdict.region
    for side in ("left", "right", "top"):
        axes.spines[side].set_visible(False)
    axes.set_ylim(-1, 1)
    axes.set_yticks([])
    axes.grid(visible=False)
    if measured.estimate is None:
        axes.set_axis_off()
        axes.text(
            0, 0.5, "\n".join(row.reason), ha="left", va="center", color=theme.QUIET,
            transform=axes.transAxes, fontsize=theme.SMALL,
        ).set_in_layout(False)  # fmt: skip
        return
    low, high, logarithmic = _limits(measured, region)
    if logarithmic:
        axes.set_xscale("log")
        axes.xaxis.set_major_locator(LogLocator(numticks=5))
        axes.xaxis.set_minor_locator(NullLocator())
    else:
        axes.xaxis.set_major_locator(MaxNLocator(nbins=4, steps=[1, 2, 2.5, 5, 10]))
    axes.xaxis.set_major_formatter(ticks.plain())
    axes.set_xlim(low, high)
    if region is not None:
        ends = region.ends
        axes.axvspan(max(ends[0], low), min(ends[1], high), color=_SHADE, alpha=0.22,
                     linewidth=0)  # fmt: skip
        for edge in ends:
            if low < edge < high:
                axes.axvline(edge, color=theme.QUIET, linewidth=0.6)
        if region.neutral is not None:
            axes.axvline(region.neutral, color=theme.INK, linewidth=0.7, linestyle=(0, (2, 2)))
    if measured.low is not None and measured.high is not None:
        axes.plot([measured.low, measured.high], [0, 0], color=row.sign.colour, linewidth=2,
                  solid_capstyle="butt")  # fmt: skip
    axes.plot(measured.estimate, 0, row.sign.marker, color=row.sign.colour, markersize=6,
              markeredgecolor="white", markeredgewidth=0.6, clip_on=False)  # fmt: skip


def _limits(
    measured: Interval[float | None], region: Region | None
) -> tuple[float, float, bool]:
    """Limits of a strip that show interval, borders and the neutral value; log or not."""
    wanted: list[float | None] = list(measured)
    if region is not None:
        wanted += [region.low, region.high, region.neutral]
    known = np.array([value for value in wanted if value is not None and math.isfinite(value)])
    low, high = float(known.min()), float(known.max())
    if low > 0 and high > 20 * low and (region is None or region.log):
        stretch = (high / low) ** 0.12
        return low / stretch, high * stretch, True
    pad = 0.18 * (high - low) or 0.2 * abs(high) or 1.0
    return low - pad, high + pad, False


def _keys(verdicts: Sequence[Verdict]) -> list[Artist]:
    there = {verdict.verdict for verdict in verdicts}
    marks = [
        Line2D([], [], color=sign.colour, marker=sign.marker, linewidth=2, markersize=6,
               markeredgecolor="white", markeredgewidth=0.6, label=kind)
        for kind, sign in theme.SIGNS.items() if kind in there
    ]  # fmt: skip
    shade = Patch(color=_SHADE, alpha=0.22, linewidth=0, label="what the claim expects")
    neutral = Line2D([], [], color=theme.INK, linewidth=0.7, linestyle=(0, (2, 2)),
                     label="no effect")  # fmt: skip
    return [*marks, shade, neutral] if verdicts else []
