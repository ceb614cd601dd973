"""Tables of the page: cells that know how they are sorted, columns that can be chosen by."""

import math
from dataclasses import dataclass
from typing import Any

from benchmark.statistics.inference.intervals import Interval
from benchmark.wording import words

NOTHING = "–"
"""Stands where there is no number."""

_SENTENCE = 32
"""Characters; a longer text breaks into lines."""


@dataclass(frozen=True)
class Cell:
    """One cell.

    Attributes:
        text: what is shown.
        order: what the cell is sorted by; its text if None.
        note: shown below it, smaller.
        link: id of the part of the page that the text leads to; "" for none.
        symbol: of the verdict, if the text is one; "" if it is none.
        name: id of the cell, so that links can lead to it; "" for none.
    """

    text: str
    order: float | None = None
    note: str = ""
    link: str = ""
    symbol: str = ""
    name: str = ""


@dataclass(frozen=True)
class Column:
    """The head of a column.

    Attributes:
        title: its name.
        numeric: whether it holds numbers.
        chosen: whether the rows can be chosen by its texts, from a list.
    """

    title: str
    numeric: bool = False
    chosen: bool = False


@dataclass(frozen=True)
class Grid:
    """A table that can be sorted by every column.

    Attributes:
        name: its id, unique on the page.
        caption: what it shows.
        columns: their heads.
        rows: as many cells as there are columns in each.
        searched: whether there is a field to search its rows.
    """

    name: str
    caption: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    searched: bool = False

    def choices(self, column: int) -> list[str]:
        """The different texts of a column, in order."""
        return sorted({row[column].text for row in self.rows})

    def wide(self, column: int) -> bool:
        """Whether a column holds sentences and needs room."""
        held = (cell for row in self.rows for cell in row[column : column + 1])
        return any(max(len(cell.text), len(cell.note)) > _SENTENCE for cell in held)


def number(value: float | None) -> str:
    """Three significant digits with a real minus; a dash where there is no number."""
    if value is None or not math.isfinite(value):
        return NOTHING
    return words.number(float(f"{value:.3g}"))


def interval(found: Interval[float | None] | Interval[float], factor: bool = False) -> Cell:
    """The estimate, with its interval as a note; factors have a ×."""
    estimate, low, high = found
    if estimate is None:
        return Cell(NOTHING)
    known = low is not None and high is not None and low != high
    note = f"[{number(low)}, {number(high)}]" if known else ""
    return Cell(f"×{number(estimate)}" if factor else number(estimate), estimate, note)


def share(found: Interval[float | None] | Interval[float]) -> Cell:
    """As `interval`, in percent."""
    estimate, low, high = found
    if estimate is None or low is None or high is None:
        return Cell(NOTHING)
    return Cell(f"{100 * estimate:.0f} %", estimate, f"[{100 * low:.0f}, {100 * high:.0f}]")


def plain(value: Any) -> Cell:
    """The value of a setting, in words; numbers are sorted as numbers."""
    order = float(value) if isinstance(value, int | float) else None
    return Cell(words.level(value), order)
