"""One model of tables, and one text of every number, wherever readers look."""

import io

import pytest
from rich.console import Console

from benchmark.claims import Claim, Within
from benchmark.cli.tables import draw
from benchmark.figures.verdicts import _numbers
from benchmark.measures import Final
from benchmark.paper.content import _claim
from benchmark.report.render import environment
from benchmark.statistics.claims.verdicts import Verdict
from benchmark.statistics.inference.intervals import Interval
from benchmark.tables.table import Cell, Column, Table, measured, share
from benchmark.wording.numbers import number

GRID = [
    sign * mantissa * 10.0**power
    for sign in (1, -1)
    for mantissa in (1.0, 1.234567, 9.996)
    for power in (-300, -12, -5, -4, -3, -1, 0, 2, 3, 4, 5, 12)
]


def printed(table: Table) -> str:
    """As the terminal shows it."""
    out = io.StringIO()
    Console(file=out, width=200).print(*draw(table, 200))
    return out.getvalue()


def rendered(table: Table) -> str:
    """As the page shows it."""
    grid = environment().get_template("macros.html").module.grid  # pyright: ignore[reportAttributeAccessIssue]
    return str(grid(table))


@pytest.mark.parametrize("value", GRID)
def test_a_number_reads_alike_everywhere(value: float):
    text = number(value)
    low, high = sorted((0.9 * value, 1.1 * value))
    ends = f"[{number(low)}, {number(high)}]"
    table = Table(
        "t", "", (Column("x", numeric=True),), ((measured(Interval(value, low, high)),),)
    )
    first, second = (line.strip("│ ") for line in printed(table).splitlines()[3:5])
    assert (first, second) == (text, ends)
    assert f">{text}<small>{ends}</small>" in rendered(table).replace("\n", "")
    says = "It is what it is."
    verdict = Verdict("a", says, "supported", Interval(value, low, high))
    assert _numbers(verdict) == f"{text} {ends}"
    said = _claim(verdict, Claim("a", says, Final("x"), Within(low=0.0)))
    assert (said["estimate"], said["interval"]) == (text, ends)


def test_a_table_shows_its_cells_in_the_terminal_and_on_the_page():
    table = Table(
        "claims",
        "Claims [95 %]",
        (Column("Claim"), Column("Verdict"), Column("Estimate", numeric=True)),
        (
            (
                Cell("Brackets [bold] stay", note="a-claim: rises"),
                Cell("refuted", 1.0, "about 40 seeds would decide", symbol="✗"),
                measured(Interval(2.5, 2.0, 3.0), as_factor=True),
            ),
        ),
    )
    shown = printed(table)
    for text in ("Claims [95 %]", "Brackets [bold] stay", "a-claim: rises", "✗ refuted"):
        assert text in shown
    assert "×2.5" in shown and "[2, 3]" in shown
    page = rendered(table)
    for text in ("Claims [95 %]", "Brackets [bold] stay", "a-claim: rises", "✗", "×2.5"):
        assert text in page


def test_a_wide_table_comes_in_parts_that_have_its_keys():
    heads = (Column("rate", key=True), *(Column(f"m{i}", numeric=True) for i in range(7)))
    cells = tuple(measured(Interval(0.123, 0.0123456, 0.0234567)) for _ in range(7))
    table = Table("t", "What is wide", heads, ((Cell("low"), *cells), (Cell("high"), *cells)))
    parts = draw(table, 80)
    assert [len(part.columns) for part in parts] == [4, 4, 2]
    assert all(part.columns[0].header == "rate" for part in parts)
    assert [part.title for part in parts] == ["What is wide", None, None]
    out = io.StringIO()
    Console(file=out, width=80).print(*parts)
    assert out.getvalue().count("[0.0123, 0.0235]") == 14, "no interval is broken"


def test_cells_of_numbers():
    assert measured(Interval(2.0, 1.5, 2.5), as_factor=True) == Cell("×2", 2.0, "[1.5, 2.5]")
    assert measured(Interval(0.0, 0.0, 0.0)) == Cell("0", 0.0)
    assert measured(Interval(None, None, None)) == Cell("–")
    assert share(Interval(0.123, 0.05, 0.2)) == Cell(
        "12\u00a0%", 0.123, "[5\u00a0%, 20\u00a0%]"
    )
    assert share(Interval(None, None, None)) == Cell("–")


def test_a_column_with_sentences_is_wide():
    rows = ((Cell("A"), Cell("a sentence that is longer than a word, or two")),)
    grid = Table("g", "", (Column("short"), Column("long")), rows)
    assert [grid.wide(column) for column in (0, 1)] == [False, True]
