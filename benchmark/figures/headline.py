"""The head of a panel: what is measured, and the verdicts on it."""

from matplotlib.axes import Axes

from benchmark.figures import theme
from benchmark.figures.panels import Panel
from benchmark.figures.sheet import wrap
from benchmark.tables import claimed
from benchmark.wording import words

MAX_VERDICTS = 3
_LINE = 1.3


def headline(axes: Axes, panel: Panel, room: float, name_arm: bool) -> None:
    """Write it above the axes, at most `room` points wide, with the arm if it is one."""
    height = 3.0
    for lines, colour in reversed(_verdicts(panel, room)):
        axes.annotate(
            "\n".join(lines), (0, 1), (0, height), xycoords="axes fraction",
            textcoords="offset points", fontsize=theme.SMALL, color=colour, ha="left",
            va="bottom", annotation_clip=False, linespacing=1.15,
        ).set_in_layout(False)  # fmt: skip
        height += _LINE * theme.SMALL * len(lines)
    axes.set_title(
        "\n".join(_title(panel, room, name_arm)), loc="left", pad=height + 1,
        fontsize=theme.NORMAL, fontweight="bold", linespacing=1.15,
    )  # fmt: skip


def headline_height(panel: Panel, room: float, name_arm: bool) -> float:
    """Height of the head in points."""
    verdicts = sum(len(lines) for lines, _ in _verdicts(panel, room))
    title = len(_title(panel, room, name_arm))
    return _LINE * (verdicts * theme.SMALL + title * theme.NORMAL) + 4


def _title(panel: Panel, room: float, name_arm: bool) -> list[str]:
    text = words.sentence(panel.measure.words)
    if name_arm and len(panel.arms) == 1:
        text = f"{text} ({panel.arms[0]})"
    return wrap(text, room, theme.NORMAL, bold=True)


def _verdicts(panel: Panel, room: float) -> list[tuple[list[str], str]]:
    """What is said of each claim, in lines, and its colour."""
    paragraphs: list[tuple[list[str], str]] = []
    named = {claimed.arms(claim) for claim, _ in panel.claims}
    for claim, verdict in panel.claims[:MAX_VERDICTS]:
        sign = theme.SIGNS[verdict.verdict]
        text = claimed.verdict(claim, verdict, name_arms=len(named) > 1)
        paragraphs.append((wrap(f"{sign.symbol} {text}", room, theme.SMALL), sign.colour))
    more = len(panel.claims) - MAX_VERDICTS
    if more > 0:
        paragraphs.append(([f"and {more} more, see the verdicts"], theme.QUIET))
    return paragraphs
