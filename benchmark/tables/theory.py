"""The simulation held against closed forms, as a table."""

from benchmark.store.checks import Checked
from benchmark.tables.table import Cell, Column, Table
from benchmark.wording.numbers import number


def theory_table(checked: Checked) -> Table:
    """One row per prediction, the missed ones marked."""
    rows = []
    for row in checked.comparisons:
        predicted = f"{row['bound']} {number(row['predicted'])}".strip()
        rows.append(
            (
                Cell(row["name"]),
                Cell(predicted, row["predicted"]),
                Cell(number(row["simulated"]), row["simulated"]),
                Cell(number(row["ratio"]), row["ratio"]),
                Cell(number(row["z"]), row["z"]),
                Cell("yes" if row["holds"] else "no"),
            )
        )
    heads = (
        Column("Ground truth"),
        *(Column(head, numeric=True) for head in ("Predicted", "Simulated", "Ratio", "z")),
        Column("Holds", chosen=True),
    )
    caption = f"Theory and simulation, scale {checked.scale}"
    return Table("theory-table", caption, heads, tuple(rows), searched=True)
