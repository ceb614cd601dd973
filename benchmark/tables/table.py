"""Tables, typed once: the terminal, the page and the paper each draw them in their way.

Cells know what they are sorted by and where they lead to; columns, whether they hold numbers
and whether rows can be chosen by them.
"""

from dataclasses import dataclass
from typing import Any

from benchmark.statistics.inference.intervals import Interval
from benchmark.wording import words
from benchmark.wording.numbers import NOTHING, factor, number, percent, percents
from benchmark.wording.numbers import interval as ends

_SENTENCE = 32
"""Characters; a longer text breaks into lines."""


@dataclass(frozen=True)
class Cell:
    """One cell.

    Attributes:
        text: what is shown.
        order: what the cell is sorted by; its text if None.
        note: shown below it, or after it, smaller: an interval, a condition.
        link: id of the part of the page that the text leads to; "" for none.
        symbol: of the verdict, if the text is one; "" if it is none.
        strong: whether it stands out.
        name: id of the cell, so that links can lead to it; "" for none.
    """

    text: str
    order: float | None = None
    note: str = ""
    link: str = ""
    symbol: str = ""
    strong: bool = False
    name: str = ""


@dataclass(frozen=True)
class Column:
    """The head of a column.

    Attributes:
        title: its name.
        numeric: whether it holds numbers.
        chosen: whether the rows can be chosen by its texts, from a list.
        key: whether it tells the rows apart, so that each part of a table needs it where
            the whole is too wide.
    """

    title: str
    numeric: bool = False
    chosen: bool = False
    key: bool = False


@dataclass(frozen=True)
class Table:
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
        cells = (cell for row in self.rows for cell in row[column : column + 1])
        return any(max(len(cell.text), len(cell.note)) > _SENTENCE for cell in cells)


def measured(of: Interval[float | None] | Interval[float], as_factor: bool = False) -> Cell:
    """The estimate, with its interval as a note; factors have a ×."""
    estimate, low, high = of
    if estimate is None:
        return Cell(NOTHING)
    return Cell((factor if as_factor else number)(estimate), estimate, ends(low, high))


def share(of: Interval[float | None] | Interval[float]) -> Cell:
    """As `measured`, in percent."""
    estimate, low, high = of
    if estimate is None or low is None or high is None:
        return Cell(NOTHING)
    return Cell(percent(estimate), estimate, percents(low, high))


def plain(value: Any) -> Cell:
    """The value of a setting, in words; numbers are sorted as numbers."""
    order = float(value) if isinstance(value, int | float) else None
    return Cell(words.level(value), order)
