"""Which suspect moves the curve: effects and shares of a factorial."""

from collections.abc import Sequence

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import LogLocator, MaxNLocator, NullLocator

from benchmark.declare.measure import Measure
from benchmark.figures import theme, ticks
from benchmark.figures.sheet import sheet, wrap
from benchmark.figures.study import Study
from benchmark.statistics.attribution.factorial import Attribution, Effect
from benchmark.wording import words
from benchmark.wording.numbers import percent

_ROW = 0.2
"""Inches a suspect takes."""


def draw_attribution(study: Study, attributions: Sequence[Attribution]) -> Figure:
    """One row of panels per measure: what each suspect does, and its share."""
    measures = {measure.name: measure for measure in study.measures}
    shown = [_effects(attribution) for attribution in attributions]
    heights = [0.9 + _ROW * len(effects) for effects in shown]
    figure = sheet(
        theme.WIDTH[2],
        sum(heights),
        _finding(attributions[0], measures[attributions[0].measure]),
        f"Every combination of the suspects, {study.runs} each. Left: effect of switching a "
        "suspect on, averaged over all others (simultaneous 95 % intervals). Right: its share "
        "of the variance between conditions, with half of each interaction it takes part in.",
    )
    grid = figure.subplots(
        len(attributions),
        2,
        squeeze=False,
        gridspec_kw={"height_ratios": heights},
        sharey="row",
    )
    for (left, right), attribution, effects in zip(grid, attributions, shown, strict=True):
        _draw_effects(left, attribution, effects)
        _draw_shares(right, effects)
        arm = f"{attribution.arm}: " if attribution.arm else ""
        said = f"{arm}{measures[attribution.measure].words}"
        room = 72 * theme.WIDTH[2] * 0.45
        left.set_title("\n".join(wrap(said, room, theme.NORMAL)), loc="left")
        right.set_title(
            f"{percent(attribution.explained)} of all variance is between conditions",
            loc="left",
        )
    return figure


def _effects(attribution: Attribution) -> list[Effect]:
    """Suspects, then the interactions that matter; drawn from the top."""
    return [*attribution.suspects, *attribution.strong_interactions][::-1]


def _finding(attribution: Attribution, measure: Measure) -> str:
    first, neutral = attribution.suspects[0], _neutral(attribution)
    largest = f"has the largest share ({percent(first.share.estimate)})"
    if not first.effect.excludes(neutral):
        text = f"{_name(first)} {largest} of the variance of the {measure.words}"
    else:
        verb = "raises" if first.effect.surely_above(neutral) else "lowers"
        text = f"{_name(first)} {verb} the {measure.words} and {largest} of its variance"
    return words.sentence(f"{text} between conditions")


def _neutral(attribution: Attribution) -> float:
    """The effect that is none."""
    return 1.0 if attribution.log else 0.0


def _name(effect: Effect) -> str:
    return " × ".join(word.replace("_", " ") for word in effect.suspects)


def _draw_effects(axes: Axes, attribution: Attribution, effects: Sequence[Effect]) -> None:
    places = range(len(effects))
    neutral = _neutral(attribution)
    for place, effect in zip(places, effects, strict=True):
        colour = theme.colour_of_effect(effect.effect, neutral)
        axes.plot(effect.effect.ends, [place, place], color=colour, linewidth=2)
        axes.plot(effect.effect.estimate, place, "o", color=colour, markeredgecolor="white")
    axes.axvline(neutral, color=theme.INK, linewidth=0.7, linestyle=(0, (2, 2)))
    if attribution.log:
        axes.set_xscale("log")
        axes.xaxis.set_major_locator(LogLocator(subs=(1, 2, 5), numticks=8))
        axes.xaxis.set_minor_locator(NullLocator())
    else:
        axes.xaxis.set_major_locator(MaxNLocator(nbins=5, steps=[1, 2, 2.5, 5, 10]))
    axes.xaxis.set_major_formatter(ticks.plain())
    axes.set_yticks(list(places), [_name(effect) for effect in effects])
    axes.set_ylim(-0.6, len(effects) - 0.4)
    axes.grid(visible=False, axis="y")
    axes.set_xlabel("factor when on" if attribution.log else "difference when on")


def _draw_shares(axes: Axes, effects: Sequence[Effect]) -> None:
    for place, effect in enumerate(effects):
        colour = theme.SKY if len(effect.suspects) == 1 else theme.FAINT
        axes.barh(place, 100 * effect.share.estimate, color=colour, height=0.7)
        ends = [100 * effect.share.low, 100 * effect.share.high]
        axes.plot(ends, [place, place], color=theme.INK, linewidth=1.2)
    axes.set_xlim(0, 102)
    axes.grid(visible=False, axis="y")
    axes.set_xlabel("share of the variance between conditions (%)")
