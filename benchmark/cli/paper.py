"""``paper``: text, figures, tables and numbers of the paper, as a PDF."""

from pathlib import Path
from typing import Annotated

import typer

from benchmark.cli.options import Folder, References, Scale, output_file
from benchmark.declare.places import shipped_root
from benchmark.workbench.asked import results_root
from benchmark.workbench.stock import reference_root, whole_catalogue


def paper(
    scale: Scale = "quick",
    results: Folder = None,
    reference: References = None,
    output: Annotated[
        Path | None,
        typer.Option(help="The PDF; default: results/paper.pdf.", callback=output_file),
    ] = None,
) -> None:
    """Build the paper from the reference results, or from your own with --results.

    Every figure, table and number in it is recomputed. What the results lack is called
    undecided, and named at the end.
    """
    from benchmark.paper import build
    from benchmark.store.checks import read_checks
    from benchmark.workbench.progress import shown_steps

    stocks = whole_catalogue(scale, results, reference)
    checked = read_checks(reference_root(reference))
    path = output or results_root(results) / "paper.pdf"
    build(stocks, checked, shipped_root() / "paper", path, shown_steps)
    lacking = [name for name, stock in stocks.items() if not stock.all_runs()]
    if checked is None:
        lacking.append("the checks of theory (python -m benchmark check --save)")
    if lacking:
        print(f"Without results, and undecided in the paper: {', '.join(lacking)}.")
    print(path)
