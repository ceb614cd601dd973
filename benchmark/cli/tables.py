"""Tables in the terminal: what `benchmark.tables` says, drawn by rich."""

import os
from collections.abc import Iterable, Sequence

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
_SENTENCE = 3
"""Columns of sentences get so many times the room of others."""


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
    room = width - 1 - sum(_width(table, place) for place in keys)
    parts: list[list[int]] = [[]]
    left = room
    for place in others:
        needed = _width(table, place)
        if keys and parts[-1] and needed > left:
            parts.append([])
            left = room
        parts[-1].append(place)
        left -= needed
    titles = [table.caption, *[""] * (len(parts) - 1)]
    return [
        _part(table, [*keys, *part], title) for part, title in zip(parts, titles, strict=True)
    ]


def _width(table: Table, place: int) -> int:
    """Characters a column takes at least, with its border; numbers are never broken."""
    column = table.columns[place]
    said = column.title.split()
    for cell in (row[place] for row in table.rows):
        said += [cell.text, cell.note] if column.numeric else cell.text.split()
    return 3 + max(map(len, said), default=0)


def _part(table: Table, places: Sequence[int], title: str) -> Drawn:
    drawn = Drawn(title=title or None, title_justify="left", title_style="italic")
    for place in places:
        column = table.columns[place]
        drawn.add_column(
            column.title,
            justify="right" if column.numeric else "left",
            ratio=_SENTENCE if table.wide(place) and not column.numeric else None,
            # Words and numbers are never broken, but for words that would take all.
            min_width=min(_width(table, place) - 3, _WORD)
            if not column.numeric
            else (_width(table, place) - 3),
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
