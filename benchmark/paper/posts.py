"""The posts rebuilt: what was printed beside what our simulation prints."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import LogLocator, MaxNLocator, NullFormatter

from benchmark.answers.answer import Answer
from benchmark.figures import theme, ticks
from benchmark.figures.sheet import sheet
from benchmark.posts import Post, posts
from benchmark.statistics.selection import select
from benchmark.wording import numbers, words

_ACCURACY, _LOSS = "accuracy (share correct)", "loss (nats)"
_TRAIN: dict[str, Any] = {"color": theme.BLUE, "linestyle": theme.DASHES[1], "marker": "s"}
_VALIDATION: dict[str, Any] = {"color": theme.VERMILION, "linestyle": "-", "marker": "o"}
_OTHERS = 3
"""Further runs behind the first, to show that it is no exception."""


def draw_posts(answers: Mapping[str, Answer]) -> Figure | None:
    """Posts that print a log beside it, the others alone; None unless all can be drawn.

    Args:
        answers: scenario → its answer, with its runs.
    """
    every = posts()
    logged = [post for post in every if post.log is not None]
    alone = [post for post in every if post.log is None]
    rebuilt = [answers.get(post.rebuilt.scenario) for post in every]
    if not every or not all(each is not None and each.is_whole for each in rebuilt):
        return None
    figure = sheet(
        theme.WIDTH[2],
        4.1,
        f"The curves of the {numbers.word(len(every))} posts, as printed and as simulated",
        "Grey axes: the post's own log (only "
        f"{words.listed([post.letter for post in logged])} print one). The others: our first "
        "run, and three more runs' validation, faint; small simulations, not the post's data.",
        [
            Line2D([], [], markersize=3, label=label, **look)
            for label, look in (
                ("training, as printed (mean over the epoch)", _TRAIN),
                ("validation", _VALIDATION),
            )
        ],
    )
    above, below = figure.add_gridspec(2, 1)
    pairs = above.subgridspec(1, 2 * len(logged))
    for place, post in enumerate(logged):
        printed, ours = (figure.add_subplot(pairs[2 * place + k]) for k in (0, 1))
        _printed(printed, post)
        _rebuilt(ours, post, answers)
        for axes in (printed, ours):
            axes.set_ylim(0, 1.04)
        ours.set_yticklabels([])
    single = below.subgridspec(1, len(alone))
    for place, post in enumerate(alone):
        axes = figure.add_subplot(single[place])
        _rebuilt(axes, post, answers)
        axes.set_ylabel(_LOSS if _is_loss(post) else _ACCURACY)
    return figure


def _printed(axes: Axes, post: Post) -> None:
    assert post.log is not None
    _line(axes, post.log.acc, _TRAIN)
    _line(axes, post.log.val_acc, _VALIDATION)
    axes.set_facecolor("#f3f3f3")
    axes.set(title=f"{post.letter}: the post's log", xlabel="epoch", ylabel=_ACCURACY)


def _rebuilt(axes: Axes, post: Post, answers: Mapping[str, Answer]) -> None:
    how = post.rebuilt
    (first, *_) = select(answers[how.scenario].conditions, how.where)
    train, shown = first.series[how.train], first.series[how.validation or how.train]
    for curve in shown[1 : 1 + _OTHERS, 1:]:
        colour = theme.VERMILION if how.validation else theme.BLUE
        axes.plot(np.arange(1, len(curve) + 1), curve, color=colour, alpha=0.25, linewidth=0.7)
    _line(axes, train[0, 1:], _TRAIN)
    if how.validation is not None:
        _line(axes, shown[0, 1:], _VALIDATION)
    if _is_loss(post):
        axes.set_yscale("log")
        axes.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5), numticks=12))
        axes.yaxis.set_major_formatter(ticks.plain())
        axes.yaxis.set_minor_formatter(NullFormatter())
    axes.set(title=f"{post.letter}, ours: {how.title}", xlabel="epoch")


def _is_loss(post: Post) -> bool:
    return post.rebuilt.train.endswith("loss")


def _line(axes: Axes, values: Sequence[float] | np.ndarray, look: Mapping[str, Any]) -> None:
    few = len(values) <= 45
    marked = {**look, "marker": look["marker"] if few else "", "markersize": 2.2}
    axes.plot(np.arange(1, len(values) + 1), values, linewidth=0.9, **marked)
    axes.xaxis.set_major_locator(MaxNLocator(nbins=5, integer=True))
