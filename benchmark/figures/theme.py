"""The look of every figure: colours, type sizes, widths."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Literal, NamedTuple, cast

import matplotlib
import seaborn as sns
from matplotlib import rcsetup

from benchmark.statistics.inference.intervals import Interval
from benchmark.tables import claimed

Columns = Literal[1, 2]
WIDTH: dict[Columns, float] = {1: 3.4, 2: 7.0}
"""Width in inches of a figure that spans one or both columns of a page."""

SMALL, NORMAL, LARGE = 6.5, 7.5, 9.5
"""Type sizes in points: annotations, axes and text, the figure's title."""

INK, QUIET, FAINT = "#222222", "#666666", "#d9d9d9"
"""Text, secondary text, shading."""

BLUE, VERMILION, GREEN, PURPLE, ORANGE, SKY = (
    "#0072b2", "#d55e00", "#009e73", "#a2487f", "#c98600", "#3f9fd8",
)  # fmt: skip
"""Okabe & Ito's (2008) colours, the light ones darkened to be legible as lines on white."""

DARK_GREEN, DARK_VERMILION, DARK_BLUE = "#00755a", "#b84a00", "#005a8c"
"""For text, which needs more contrast than lines."""


class Sign(NamedTuple):
    """How a verdict looks: never by colour alone."""

    colour: str
    symbol: str
    marker: str


SIGNS: dict[str, Sign] = {
    verdict: Sign(colour, claimed.SIGNS[verdict], marker)
    for verdict, colour, marker in (
        ("supported", DARK_GREEN, "o"),
        ("refuted", DARK_VERMILION, "X"),
        ("depends", DARK_BLUE, "P"),
        ("undecided", QUIET, "D"),
    )
}

CATEGORIES = (BLUE, VERMILION, GREEN, PURPLE, ORANGE, SKY, INK)
MARKERS = ("o", "s", "^", "D", "v", "P", "X", "*")
DASHES = ("-", (0, (5, 1.5)), (0, (1.2, 1.2)), (0, (6, 1.5, 1.2, 1.5)))

_STYLE = {
    "axes.edgecolor": "#999999",
    "axes.labelcolor": INK,
    "axes.labelpad": 2.5,
    "axes.labelsize": NORMAL,
    "axes.linewidth": 0.6,
    "axes.spines.right": False,
    "axes.spines.top": False,
    "axes.titlesize": NORMAL,
    "axes.unicode_minus": True,
    "errorbar.capsize": 0.0,
    "figure.constrained_layout.h_pad": 0.05,
    "figure.constrained_layout.hspace": 0.04,
    "figure.constrained_layout.w_pad": 0.04,
    "figure.constrained_layout.wspace": 0.03,
    "font.family": "sans-serif",
    # Bundled with matplotlib, so that figures are the same everywhere.
    "font.sans-serif": ["DejaVu Sans"],
    "font.size": NORMAL,
    "grid.color": "#ebebeb",
    "grid.linewidth": 0.5,
    "legend.fontsize": NORMAL,
    "legend.frameon": False,
    "legend.title_fontsize": NORMAL,
    "lines.linewidth": 1.2,
    "lines.markersize": 4.0,
    "mathtext.default": "regular",
    "pdf.fonttype": 3,
    "svg.fonttype": "path",
    "svg.hashsalt": "benchmark",
    "text.color": INK,
    "xtick.color": "#555555",
    "xtick.labelsize": SMALL,
    "xtick.major.pad": 2.0,
    "xtick.major.size": 2.5,
    "xtick.major.width": 0.6,
    "xtick.minor.size": 0.0,
    "ytick.color": "#555555",
    "ytick.labelsize": SMALL,
    "ytick.major.pad": 2.0,
    "ytick.major.size": 2.5,
    "ytick.major.width": 0.6,
    "ytick.minor.size": 0.0,
}


def colour_of_effect(number: Interval[float | None] | Interval[float], neutral: float) -> str:
    """Red for an effect that is surely above what says "no effect", blue below, else grey."""
    if not number.excludes(neutral):
        return QUIET
    return VERMILION if number.surely_above(neutral) else BLUE


@contextmanager
def styled() -> Iterator[None]:
    """Within it, figures look like ours; matplotlib's settings are restored afterwards."""
    settings = sns.axes_style("whitegrid") | sns.plotting_context("paper") | _STYLE
    with matplotlib.rc_context():
        # Shuts out what a user's matplotlibrc would change.
        matplotlib.rcdefaults()
        cast(Any, matplotlib.rcParams).update(settings)
        # Special figures of scenarios draw with matplotlib's own cycle of colours.
        matplotlib.rcParams["axes.prop_cycle"] = rcsetup.cycler(color=unordered(7))
        yield


def ordered(count: int) -> list[str]:
    """`count` colours for increasing doses, dark to light, the lightest still legible."""
    if count == 1:
        return [BLUE]
    palette = sns.color_palette("viridis", 256).as_hex()
    return [palette[round(205 * i / (count - 1))] for i in range(count)]


def unordered(count: int) -> list[str]:
    """`count` colours for kinds of things; they repeat after the seventh."""
    return [CATEGORIES[i % len(CATEGORIES)] for i in range(count)]
