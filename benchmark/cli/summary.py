"""``summary`` and ``figures``: recomputed from the store, without training anything."""

from pathlib import Path
from typing import Annotated

import typer

from benchmark.cli.completion import scenario_names
from benchmark.cli.options import (
    AsJson,
    Folder,
    Name,
    References,
    Scale,
    Scenarios,
    Seeds,
    Set,
    Variant,
    asked,
    print_json,
)
from benchmark.declare.errors import UserError, require
from benchmark.declare.places import scenario_files
from benchmark.workbench.asked import figures_folder, resolved, results_root


def summary(
    name: Name,
    scale: Scale = "quick",
    seeds: Seeds = None,
    settings: Set = None,
    variant: Variant = None,
    results: Folder = None,
    reference: References = None,
    scenarios: Scenarios = None,
    long: Annotated[bool, typer.Option("--long", help="Claims in whole sentences.")] = False,
    as_json: AsJson = False,
) -> None:
    """Print measures with 95 % intervals, and the verdicts on the claims.

    Of your own results if there are any (or --results names them), else of the reference.
    """
    wanted = asked(name, scale, seeds, settings, variant, results)
    held = resolved(name, wanted, scenarios or [])
    from benchmark.answers.answer import answer
    from benchmark.workbench.stock import nothing_stored, stock_of

    found = answer(stock_of(held, results, reference, not wanted.plain))
    if as_json:
        print_json(found.as_json())
        return
    if not found.summaries:
        raise nothing_stored(name, wanted, results, scenarios or [])
    from benchmark.cli.tables import print_answer

    print_answer(found, long)


def figures(
    names: Annotated[
        list[str] | None,
        typer.Argument(help="Scenarios; default: all.", autocompletion=scenario_names),
    ] = None,
    scale: Scale = "quick",
    seeds: Seeds = None,
    settings: Set = None,
    variant: Variant = None,
    results: Folder = None,
    reference: References = None,
    scenarios: Scenarios = None,
    headline: Annotated[
        bool, typer.Option("--headline", help="Draw those over the whole catalogue instead.")
    ] = False,
) -> None:
    """Draw the figures of stored scenarios and name the files.

    Of your own results if there are any (or --results names them), else of the reference.
    """
    from benchmark.answers.answer import answer
    from benchmark.figures import draw
    from benchmark.workbench.progress import print_meanwhile, shown_steps
    from benchmark.workbench.stock import nothing_stored, stock_of

    if headline:
        print("\n".join(map(str, _headlines(scale, results, reference))))
        return
    drawn = False
    chosen = names or list(scenario_files(scenarios or []))
    for name in shown_steps(chosen, "drawing"):
        wanted = asked(name, scale, seeds, settings, variant, results)
        which = resolved(name, wanted, scenarios or [])
        held = stock_of(which, results, reference, not wanted.plain)
        if held.all_runs():
            drawn = True
            paths = draw(answer(held), figures_folder(held.folder, wanted))
            print_meanwhile("\n".join(map(str, paths)))
        elif names:
            raise nothing_stored(name, wanted, results, scenarios or [])
    if not drawn:
        raise UserError(f"Nothing is stored in {results_root(results)}; run a scenario first.")


def _headlines(scale: str, results: Path | None, reference: Path | None) -> list[Path]:
    """Files of the figures over the catalogue: of the reference, or of named own results."""
    from benchmark.answers.answer import answers
    from benchmark.answers.overview import overview
    from benchmark.paper.figures import draw_headlines, drawn_scenarios
    from benchmark.store.checks import read_checks
    from benchmark.workbench.progress import shown_steps
    from benchmark.workbench.stock import reference_root, whole_catalogue

    stocks = whole_catalogue(scale, results, reference)
    every = answers(stocks, drawn_scenarios(), shown_steps)
    together = overview(each.part for each in every.values())
    checked = read_checks(reference_root(reference))
    folder = results_root(results) / "figures"
    drawn = draw_headlines(every, together, checked, folder, steps=shown_steps)
    require(bool(drawn), f"There are no results at scale {scale!r} to draw headlines from.")
    return list(drawn.values())
