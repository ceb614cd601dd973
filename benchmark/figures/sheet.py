"""A figure with room for its words: title and key above the panels, notes below.

Matplotlib's layouts do not keep a title, a figure legend and footnotes apart, so their
strips are measured here and the panels get what is left.
"""

import functools
import re
from collections.abc import Sequence

from matplotlib.artist import Artist
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.layout_engine import ConstrainedLayoutEngine
from matplotlib.textpath import TextToPath

from benchmark.figures import theme

_LEADING = 1.35  # height of a line over its type size
_EDGE = 5.0  # points between the words and the edge of the figure
_HANDLE = 32.0  # points that a key's handle and gaps take


def sheet(
    width: float,
    body: float,
    title: str,
    subtitle: str = "",
    keys: Sequence[Artist] = (),
    notes: Sequence[str] = (),
) -> Figure:
    """An empty figure with its words in place.

    Args:
        width: of the figure, inches.
        body: height left for the panels, inches.
        title: the question or finding, wrapped to the width.
        subtitle: how it is answered or to be read.
        keys: labelled artists of the key that all panels share.
        notes: footnotes.
    """
    room = 72 * width - 2 * _EDGE
    head = wrap(title, room, theme.LARGE, bold=True)
    lead = wrap(subtitle, room, theme.NORMAL) if subtitle else []
    foot = [line for note in notes for line in wrap(note, room, theme.SMALL)]
    columns = key_columns([str(key.get_label()) for key in keys], room, theme.NORMAL)
    rows = -(-len(keys) // columns)
    heights = [
        _strip(len(head), theme.LARGE), _strip(len(lead), theme.NORMAL),
        rows * theme.NORMAL * 1.6,
    ]  # fmt: skip
    above = _EDGE + sum(heights) + 3
    below = _strip(len(foot), theme.SMALL) + (_EDGE if foot else 0)
    height = body + (above + below) / 72
    layout = ConstrainedLayoutEngine(rect=(0, below / 72 / height, 1, body / height))
    figure = Figure(figsize=(width, height), layout=layout)
    FigureCanvasAgg(figure)
    left, y = _EDGE / 72 / width, 1 - _EDGE / 72 / height
    drop = 1 / 72 / height
    figure.suptitle(
        "\n".join(head), x=left, y=y, ha="left", va="top", fontsize=theme.LARGE,
        fontweight="bold", linespacing=_LEADING - 0.15,
    ).set_in_layout(False)  # fmt: skip
    y -= heights[0] * drop
    if lead:
        _text(figure, left, y, lead, theme.NORMAL, theme.QUIET)
    y -= heights[1] * drop
    if keys:
        _key(figure, (left, y), keys, columns)
    if foot:
        _text(figure, left, (below - 2) * drop, foot, theme.SMALL, theme.QUIET)
    return figure


def width_of(text: str, size: float, bold: bool = False) -> float:
    """Width of a line of text in points."""
    return _measured(text, size, bold)


def wrap(text: str, room: float, size: float, bold: bool = False) -> list[str]:
    """`text` in lines of at most `room` points; a longer word gets a line of its own.

    No line breaks between a number and its ± or per cent, or where a space forbids it.
    """
    lines: list[str] = []
    for word in filter(None, re.split(r"(?<!±) (?!%)|\n", text)):
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and _measured(longer, size, bold) <= room:
            lines[-1] = longer
        else:
            lines.append(word)
    return lines


@functools.lru_cache(maxsize=4096)
def _measured(text: str, size: float, bold: bool) -> float:
    font = FontProperties(family="DejaVu Sans", size=size, weight="bold" if bold else "normal")
    return float(_SHAPER.get_text_width_height_descent(text, font, ismath=False)[0])


_SHAPER = TextToPath()


def _strip(lines: int, size: float) -> float:
    return lines * size * _LEADING


def key_columns(
    labels: Sequence[str], room: float, size: float, handle: float = _HANDLE
) -> int:
    """The most columns in which a key fits into `room` points, at least 1."""
    widths = [_measured(label, size, False) + handle for label in labels]
    for columns in range(len(widths), 1, -1):
        if sum(max(widths[c::columns]) for c in range(columns)) <= room:
            return columns
    return 1


def by_rows(keys: Sequence[Artist], columns: int) -> list[Artist]:
    """Keys in the order in which matplotlib, which fills columns, shows them row by row."""
    return [key for column in range(columns) for key in keys[column::columns]]


def _text(
    figure: Figure, x: float, y: float, lines: list[str], size: float, colour: str
) -> None:
    figure.text(
        x, y, "\n".join(lines), ha="left", va="top", fontsize=size, color=colour,
        linespacing=_LEADING - 0.15,
    ).set_in_layout(False)  # fmt: skip


def _key(
    figure: Figure, place: tuple[float, float], keys: Sequence[Artist], columns: int
) -> None:
    order = by_rows(keys, columns)
    legend = figure.legend(
        handles=order, loc="upper left", bbox_to_anchor=place, ncols=columns,
        borderaxespad=0, borderpad=0.1, columnspacing=1.4, handlelength=1.8,
        handletextpad=0.5, labelspacing=0.45,
    )  # fmt: skip
    legend.set_in_layout(False)
