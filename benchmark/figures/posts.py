"""The five posts rebuilt: what was printed beside what our simulation prints."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import LogLocator, MaxNLocator, NullFormatter

from benchmark.declare.logs import LOGS
from benchmark.figures import theme, ticks
from benchmark.figures.sheet import sheet
from benchmark.statistics.answer import condition_results
from benchmark.statistics.selection import ConditionResult
from benchmark.store.results import Stock


@dataclass(frozen=True)
class _Post:
    """How a post is rebuilt: the condition that has its settings, and what it looks at."""

    scenario: str
    title: str
    where: Mapping[str, Any]
    train: str
    validation: str | None
    label: str
    log_scale: bool = False


def _all_on(*suspects: str) -> dict[str, bool]:
    return {f"suspect.{name}": True for name in suspects}


_ACCURACY, _LOSS = "accuracy (share correct)", "loss (nats)"
_POSTS = {
    "A": _Post(
        "case_medical_cnn", "sorted by class",
        {"arm": "unshuffled", "optimizer.learning_rate": 0.01},
        "running_train_accuracy", "validation_accuracy", _ACCURACY,
    ),
    "B": _Post(
        "case_alternating_validation", "half passes",
        _all_on("half_pass", "dropout", "augmentation") | {"suspect.high_rate": False},
        "running_train_accuracy", "seen_validation_accuracy", _ACCURACY,
    ),
    "C": _Post(
        "case_resnet_simulated", "all suspects on",
        _all_on("partial_coverage", "slow_batch_norm", "small_validation"),
        "running_train_loss", "validation_loss", _LOSS, log_scale=True,
    ),
    "D": _Post(
        "case_rollercoaster", "all culprits on",
        _all_on("few_samples", "high_rate", "small_batch", "imbalance", "wrong_labels"),
        "running_train_accuracy", "validation_accuracy", _ACCURACY,
    ),
    "E": _Post(
        "case_lstm_surfaces", "the post's settings", {"arm": "as posted"},
        "running_train_loss", None, _LOSS, log_scale=True,
    ),
}  # fmt: skip
SCENARIOS = tuple(post.scenario for post in _POSTS.values())
"""The case studies, post by post."""

_TRAIN: dict[str, Any] = {"color": theme.BLUE, "linestyle": theme.DASHES[1], "marker": "s"}
_VALIDATION: dict[str, Any] = {"color": theme.VERMILION, "linestyle": "-", "marker": "o"}
_OTHERS = 3
"""Further runs behind the first, to show that it is no exception."""


def draw_posts(stocks: Mapping[str, Stock]) -> Figure:
    """Posts A and B beside their logs, C to E, which print none, alone.

    Args:
        stocks: results of the five case studies, all with runs.
    """
    figure = sheet(
        theme.WIDTH[2],
        4.1,
        "The curves of the five posts, as printed and as simulated",
        "Grey axes: the post's own log (only A and B print one). The others: our first run, "
        "and three more runs' validation, faint; small simulations, not the post's data.",
        [
            Line2D([], [], markersize=3, label=label, **look)
            for label, look in (
                ("training, as printed (mean over the epoch)", _TRAIN),
                ("validation", _VALIDATION),
            )
        ],
    )
    above, below = figure.add_gridspec(2, 1)
    logged, alone = above.subgridspec(1, 4), below.subgridspec(1, 3)
    for letter, column in (("A", 0), ("B", 2)):
        printed, ours = (figure.add_subplot(logged[c]) for c in (column, column + 1))
        _printed(printed, letter)
        _rebuilt(ours, letter, stocks)
        for axes in (printed, ours):
            axes.set_ylim(0, 1.04)
        ours.set_yticklabels([])
    for column, letter in enumerate("CDE"):
        axes = figure.add_subplot(alone[column])
        _rebuilt(axes, letter, stocks)
        axes.set_ylabel(_POSTS[letter].label)
    return figure


def _printed(axes: Axes, letter: str) -> None:
    log = LOGS[letter]
    _line(axes, log.acc, _TRAIN)
    _line(axes, log.val_acc, _VALIDATION)
    axes.set_facecolor("#f3f3f3")
    axes.set(title=f"{letter}: the post's log", xlabel="epoch", ylabel=_POSTS[letter].label)


def _rebuilt(axes: Axes, letter: str, stocks: Mapping[str, Stock]) -> None:
    post = _POSTS[letter]
    held = _condition(stocks[post.scenario], post.where)
    shown = post.validation or post.train
    for curve in held.series[shown][1 : 1 + _OTHERS, 1:]:
        colour = theme.VERMILION if post.validation else theme.BLUE
        axes.plot(np.arange(1, len(curve) + 1), curve, color=colour, alpha=0.25, linewidth=0.7)
    _line(axes, held.series[post.train][0, 1:], _TRAIN)
    if post.validation is not None:
        _line(axes, held.series[post.validation][0, 1:], _VALIDATION)
    if post.log_scale:
        axes.set_yscale("log")
        axes.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5), numticks=12))
        axes.yaxis.set_major_formatter(ticks.plain())
        axes.yaxis.set_minor_formatter(NullFormatter())
    axes.set(title=f"{letter}, ours: {post.title}", xlabel="epoch")


def _condition(stock: Stock, where: Mapping[str, Any]) -> ConditionResult:
    return next(
        result
        for result in condition_results(stock)
        if where.items() <= {path: result.settings.get(path) for path in where}.items()
    )


def _line(axes: Axes, values: Sequence[float] | np.ndarray, look: Mapping[str, Any]) -> None:
    few = len(values) <= 45
    marked = {**look, "marker": look["marker"] if few else "", "markersize": 2.2}
    axes.plot(np.arange(1, len(values) + 1), values, linewidth=0.9, **marked)
    axes.xaxis.set_major_locator(MaxNLocator(nbins=5, integer=True))
