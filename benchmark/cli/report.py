"""``report``: one page that shows everything."""

from pathlib import Path
from typing import Annotated

import typer

from benchmark.cli.options import (
    Folder,
    References,
    Scale,
    Scenarios,
    output_file,
)
from benchmark.declare.errors import require
from benchmark.workbench.asked import results_root
from benchmark.workbench.stock import reference_root, whole_catalogue


def report(
    scale: Scale = "quick",
    results: Folder = None,
    reference: References = None,
    scenarios: Scenarios = None,
    output: Annotated[
        Path | None,
        typer.Option(
            help="The file; default: report.html in the results folder.", callback=output_file
        ),
    ] = None,
) -> None:
    """Write one HTML page: verdicts, causes and cures, figures, tables, declarations.

    It needs no network and no server. Of the reference results, or of your own with
    --results.
    """
    path = output if output is not None else results_root(results) / "report.html"
    stocks = whole_catalogue(scale, results, reference, scenarios or [])

    from benchmark.report import page, render
    from benchmark.store.atomic import write
    from benchmark.store.checks import read_checks
    from benchmark.workbench.progress import shown_steps

    made = page(list(stocks.values()), read_checks(reference_root(reference)), shown_steps)
    require(
        bool(made.chapters),
        f"No results at scale {scale!r} are of today's scenarios; run one first: "
        "python -m benchmark run batch_size",
    )
    print(write(path, render(made)))
