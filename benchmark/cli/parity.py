"""``parity``: the same networks in Keras and here."""

import sys
from dataclasses import asdict
from typing import Annotated

import typer

from benchmark.cli.options import AsJson, print_json


def parity(
    seeds: Annotated[int, typer.Option(min=4, help="Seeds on each side.")] = 20,
    as_json: AsJson = False,
) -> None:
    """Train a CNN and an LSTM in Keras and here; compare distributions over seeds.

    Exit status 1 if any differs at a family-wise level of 5 %.
    """
    from benchmark.parity import agreements

    found = agreements(seeds, lambda sentence: print(sentence, file=sys.stderr))
    if as_json:
        print_json([asdict(each) for each in found])
    else:
        from rich.table import Table

        from benchmark.cli.tables import console
        from benchmark.wording.numbers import number

        table = Table(title=f"Keras and this engine, {seeds} seeds each: mean ± SD", box=None)
        for heading in ("system", "measure"):
            table.add_column(heading)
        for heading in ("Keras", "here", "p (location)", "p (shape)", ""):
            table.add_column(heading, justify="right")
        for each in found:
            table.add_row(
                each.system,
                each.measure,
                f"{number(each.keras)} ± {number(each.keras_sd)}",
                f"{number(each.ours)} ± {number(each.ours_sd)}",
                f"{each.p_location:.3f}",
                f"{each.p_shape:.3f}",
                "agrees" if each.agrees else "DIFFERS",
            )
        console().print(table)
    if not all(each.agrees for each in found):
        raise typer.Exit(1)
