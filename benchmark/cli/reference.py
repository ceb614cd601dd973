"""``reference``: small files of the results that the project publishes."""

from typing import Annotated

import typer

from benchmark.cli.catalogue import progress
from benchmark.cli.completion import scenario_names
from benchmark.cli.options import (
    Folder,
    References,
    Scale,
    Scenarios,
    Seeds,
    resolve,
)
from benchmark.declare.errors import require
from benchmark.declare.places import scenario_files
from benchmark.workbench.asked import results_root
from benchmark.workbench.stock import own_reference_root


def reference(
    names: Annotated[
        list[str] | None,
        typer.Argument(
            help="Scenarios; default: all that are done.", autocompletion=scenario_names
        ),
    ] = None,
    scale: Scale = "quick",
    seeds: Seeds = None,
    results: Folder = None,
    reference: References = None,
    scenarios: Scenarios = None,
) -> None:
    """Make reference files from stored results: measures of every run, sketches of curves."""
    from benchmark.answers.publish import make_reference
    from benchmark.store.reference import Reference
    from benchmark.store.results import Results

    made = 0
    for name in names or list(scenario_files(scenarios or [])):
        resolved = resolve(name, scale, seeds, None, scenarios)
        done, needed = progress(resolved, results_root(results))
        if not names and done < needed:
            continue
        held = Results.at(resolved, results_root(results))
        target = Reference.at(resolved, own_reference_root(reference), held.folder)
        make_reference(held, target.path)
        made += 1
        print(
            f"{target.path}: {len(resolved.conditions)} conditions × {resolved.seeds} runs at "
            f"scale {scale}, {target.path.stat().st_size / 1000:,.0f} kB"
        )
    require(
        made > 0,
        f"No scenario is complete in {results_root(results)} at scale {scale!r}, so there is "
        "nothing to make reference results of.",
    )
