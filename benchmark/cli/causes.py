"""``causes``: what all stored scenarios say on causes, cures and fingerprints."""

from typing import Annotated, Any

import typer

from benchmark.cli.options import (
    AsJson,
    Folder,
    References,
    Scale,
    Scenarios,
    print_json,
)
from benchmark.declare.errors import require
from benchmark.workbench.asked import results_root


def causes(
    scale: Scale = "quick",
    results: Folder = None,
    reference: References = None,
    scenarios: Scenarios = None,
    as_json: AsJson = False,
    figures: Annotated[bool, typer.Option(help="Draw the figures, too.")] = True,
) -> None:
    """Rank causes and cures of fluctuation over all stored scenarios, and tell them apart.

    Prints what each cause, switched on, and each cure does to validation and training; the
    fingerprint of each cause; and which causes are told apart by their curves alone. Of
    the reference results, or of your own if --results names them.
    """
    from benchmark.answers.answer import condition_results
    from benchmark.answers.overview import overview, part_of
    from benchmark.workbench.progress import shown_steps
    from benchmark.workbench.stock import whole_catalogue

    root = results_root(results)
    stocks = whole_catalogue(scale, results, reference, scenarios or [])
    found = overview(
        part_of(stocks[name].resolved.scenario, condition_results(stocks[name]))
        for name in shown_steps(list(stocks), "reading")
    )
    require(
        bool(found.scenarios),
        f"Nothing with declared causes or cures is stored in {root} at scale {scale!r}; run a "
        "scenario first: python -m benchmark run batch_size",
    )
    if as_json:
        print_json(found.as_json())
        return
    from benchmark.cli.tables import print_overview

    print_overview(found)
    if figures:
        from benchmark.figures.overview import draw_overview

        paths: list[Any] = draw_overview(found, root / "figures")
        print("figures: " + "  ".join(map(str, paths)))
