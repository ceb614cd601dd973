"""Tables in the terminal: what `benchmark.tables` says, drawn by rich."""

import os
from collections.abc import Iterable, Sequence

from rich.cells import cell_len
from rich.console import Console
from rich.table import Table as Drawn
from rich.text import Text

from benchmark.answers.answer import Answer
from benchmark.answers.overview import Overview
from benchmark.statistics.recognition.classifier import Confusion
from benchmark.tables.catalogue import (
    cause_table,
    confusion_table,
    cure_table,
    fingerprint_table,
    mixed_up,
)
from benchmark.tables.scenario import (
    claim_table,
    condition_tables,
    short_claim_table,
    source_tables,
    suspect_tables,
)
from benchmark.tables.table import Cell, Table

_WIDTH_WITHOUT_TERMINAL = 110
_NARROWEST = 40
_WORD = 28
_STYLES = {"supported": "green", "refuted": "red", "depends": "blue", "undecided": "yellow"}
_BORDER = 3
"""Characters around a column, with the line on one side."""


def console() -> Console:
    """A console as wide as the terminal, or wide enough for tables in a log.

    It prints texts as they are: brackets and colons of scenarios are no markup. What has a
    style is a `Text`.
    """
    width = None if Console().is_terminal else _asked_width()
    return Console(highlight=False, markup=False, emoji=False, width=width)


def _asked_width() -> int:
    """The width that the environment asks for, as terminals and pagers do."""
    asked = os.environ.get("COLUMNS", "")
    # A number of thousands of digits is none.
    if not asked.isdecimal() or len(asked) > 4:
        return _WIDTH_WITHOUT_TERMINAL
    return max(_NARROWEST, int(asked))


def draw(table: Table, width: int = _WIDTH_WITHOUT_TERMINAL) -> list[Drawn]:
    """A table for the terminal, in parts if it is too wide; key columns are in every part.

    Links and choices of rows are for the page.

    Args:
        table: what is shown.
        width: of the terminal, in characters.
    """
    keys = [place for place, column in enumerate(table.columns) if column.key]
    others = [place for place in range(len(table.columns)) if place not in keys]
    room = width - 1 - sum(_least(table, place) + _BORDER for place in keys)
    parts: list[list[int]] = [[]]
    left = room
    for place in others:
        needed = _least(table, place) + _BORDER
        if keys and parts[-1] and needed > left:
            parts.append([])
            left = room
        parts[-1].append(place)
        left -= needed
    titles = [table.caption, *[""] * (len(parts) - 1)]
    return [
        _part(table, [*keys, *part], title, width)
        for part, title in zip(parts, titles, strict=True)
    ]


def _least(table: Table, place: int) -> int:
    """Characters that a column takes at least: numbers are never broken, and words are not,
    but for those that would take all.
    """
    column = table.columns[place]
    said = column.title.split()
    for cell in (row[place] for row in table.rows):
        said += [cell.text, cell.note] if column.numeric else cell.text.split()
    longest = max(map(cell_len, said), default=0)
    return longest if column.numeric else min(longest, _WORD)


def _most(table: Table, place: int) -> int:
    """Characters that a column takes where nothing is broken."""
    said = [table.columns[place].title]
    for cell in (row[place] for row in table.rows):
        said += [f"{cell.symbol} {cell.text}" if cell.symbol else cell.text, cell.note]
    return max(map(cell_len, said))


def _widths(table: Table, places: Sequence[int], width: int) -> list[int]:
    """Characters of each column: what it takes at least, and then the same for all of what is
    left, until it has what it takes at most.

    Rich would take from the widest first, whether or not they can be broken, and cut off what
    then is too wide for the terminal.
    """
    widths = {place: _least(table, place) for place in places}
    wishes = {place: _most(table, place) - widths[place] for place in places}
    left = max(0, width - 1 - sum(widths.values()) - _BORDER * len(places))
    for done, place in enumerate(sorted(places, key=lambda place: wishes[place])):
        more = min(wishes[place], left // (len(places) - done))
        widths[place] += more
        left -= more
    return [widths[place] for place in places]


def _part(table: Table, places: Sequence[int], title: str, width: int) -> Drawn:
    drawn = Drawn(title=title or None, title_justify="left", title_style="italic")
    for place, characters in zip(places, _widths(table, places, width), strict=True):
        column = table.columns[place]
        drawn.add_column(
            column.title,
            justify="right" if column.numeric else "left",
            width=characters,
            overflow="fold",
        )
    for row in table.rows:
        drawn.add_row(*(_drawn(row[place]) for place in places))
    return drawn


def _drawn(cell: Cell) -> Text:
    if cell.symbol:
        said = Text(f"{cell.symbol} {cell.text}", _STYLES[cell.text])
    else:
        said = Text(cell.text, "bold" if cell.strong else "")
    return said.append(f"\n{cell.note}", "dim") if cell.note else said


def print_answer(answer: Answer, long: bool = False) -> None:
    """Print measures, verdicts, and in the end what ranks suspects, sources or causes.

    Args:
        answer: of a scenario.
        long: claims in whole sentences, and what verdicts rest on.
    """
    resolved, out = answer.resolved, console()
    name = Text(f"\n{resolved.scenario.name}", "bold")
    out.print(Text.assemble(name, f": {resolved.scenario.question}"))
    if not answer.summaries:
        out.print("Nothing is stored yet.")
        return
    print_tables(condition_tables(answer))
    several = sum(row.is_crossed for row in answer.summaries)
    if several:
        out.print(f"\n{several} conditions of crossed sources; --json lists them.")
    print_tables(
        [
            claim_table(answer) if long else short_claim_table(answer),
            *suspect_tables(answer),
            *source_tables(answer),
        ]
    )
    print_recognition(fingerprint_table(answer.fingerprints), answer.confusions)
    wanted = len(resolved.members)
    if len(answer.summaries) < wanted:
        out.print(f"{len(answer.summaries)} of {wanted} conditions are stored so far.")


def print_overview(overview: Overview) -> None:
    """Print causes, cures, fingerprints and what tells causes apart."""
    print_tables([cause_table(overview.causes), cure_table(overview.cures)])
    print_recognition(fingerprint_table(overview.fingerprints), overview.confusions)


def print_recognition(marks: Table | None, confusions: Iterable[Confusion]) -> None:
    """Print what marks causes leave on the curves, and which are told apart by them."""
    print_tables([marks])
    for confusion in confusions:
        print_tables([confusion_table(confusion)])
        console().print(f"{mixed_up(confusion)}\n")


def print_tables(tables: Iterable[Table | None]) -> None:
    """Print tables; those without rows are left out."""
    for table in tables:
        if table is not None and table.rows:
            out = console()
            out.print(*draw(table, out.width), sep="\n")
