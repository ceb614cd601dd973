"""The head of a panel: what is measured, and the verdicts on it."""

from matplotlib.axes import Axes

from benchmark.figures import claimed, theme, words
from benchmark.figures.panels import Panel
from benchmark.figures.sheet import wrap

MAX_VERDICTS = 3
_LINE = 1.3


def headline(axes: Axes, panel: Panel, room: float, name_arm: bool) -> None:
    """Write it above the axes, at most `room` points wide, with the arm if it is one."""
    height = 3.0
    for text, colour in reversed(_verdicts(panel, room)):
        axes.annotate(
            text, (0, 1), (0, height), xycoords="axes fraction", textcoords="offset points",
            fontsize=theme.SMALL, color=colour, ha="left", va="bottom", annotation_clip=False,
        ).set_in_layout(False)  # fmt: skip
        height += _LINE * theme.SMALL
    axes.set_title(
        "\n".join(_title(panel, room, name_arm)), loc="left", pad=height + 1,
        fontsize=theme.NORMAL, fontweight="bold", linespacing=1.15,
    )  # fmt: skip


def headline_height(panel: Panel, room: float, name_arm: bool) -> float:
    """Height of the head in points."""
    verdicts, title = len(_verdicts(panel, room)), len(_title(panel, room, name_arm))
    return _LINE * (verdicts * theme.SMALL + title * theme.NORMAL) + 4


def _title(panel: Panel, room: float, name_arm: bool) -> list[str]:
    text = words.sentence(words.measure(panel.measure))
    if name_arm and len(panel.arms) == 1:
        text = f"{text} ({panel.arms[0]})"
    return wrap(text, room, theme.NORMAL, bold=True)


def _verdicts(panel: Panel, room: float) -> list[tuple[str, str]]:
    """Lines of text with their colours."""
    found = []
    named = {claimed.arms(claim) for claim, _ in panel.claims}
    for claim, verdict in panel.claims[:MAX_VERDICTS]:
        sign = claimed.SIGNS[verdict.verdict]
        text = claimed.verdict(claim, verdict, name_arms=len(named) > 1)
        lines = wrap(f"{sign.symbol} {text}", room, theme.SMALL)
        found += [(line, sign.colour) for line in lines]
    more = len(panel.claims) - MAX_VERDICTS
    if more > 0:
        found.append((f"and {more} more, see the figure of verdicts", theme.QUIET))
    return found
