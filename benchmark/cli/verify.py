"""``verify``: the scenario with other seeds, held against the reference."""

import math
import re
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from benchmark.cli.options import (
    AsJson,
    Folder,
    References,
    Scale,
    Scenarios,
    Seeds,
    print_json,
    resolve,
    results_root,
)
from benchmark.cli.stock import reference_root, the_reference
from benchmark.declare.canonical import digest
from benchmark.declare.catalogue import scenario_files
from benchmark.declare.errors import require
from benchmark.declare.scenario import Resolved

if TYPE_CHECKING:
    from benchmark.statistics.agreement import Agreement
    from benchmark.store.reference import Reference

FIRST_SEED = 1_000_000
"""Where the fresh seeds begin; those of the reference begin at 0 and never come here."""


def verify(
    names: Annotated[list[str] | None, typer.Argument(help="Scenarios to verify.")] = None,
    every: Annotated[
        bool, typer.Option("--all", help="Verify all scenarios that have a reference.")
    ] = False,
    scale: Scale = "quick",
    seeds: Seeds = None,
    results: Folder = None,
    reference: References = None,
    scenarios: Scenarios = None,
    device: Annotated[str, typer.Option(help="auto, cpu or gpu.")] = "auto",
    as_json: AsJson = False,
) -> None:
    """Run scenarios here with new seeds and say, measure by measure, whether they agree.

    A measure agrees if it is surely within a margin: a run-to-run SD of the reference, but at
    least 5 % and at most a factor 1.5; for SDs over runs a factor 1.5, for shares of runs
    0.25. It differs if it does not, and a difference is sure at a level of 5 % for all rows of
    the scenario together. Exit status 1 if any differs.
    """
    chosen = list(names or [])
    if every:
        there = {path.name for path in reference_root(reference).glob(f"*-{scale}.nc")}
        files = scenario_files(scenarios or [])
        chosen = [name for name in files if f"{name}-{scale}.nc" in there]
    require(bool(chosen), "Name a scenario that has reference results, or give --all.")
    known = [
        the_reference(resolve(name, scale, None, None, scenarios), reference) for name in chosen
    ]
    wanted = [seeds or resolve(name, "quick", None, None, scenarios).seeds for name in chosen]
    fresh = [_fresh(held, count) for held, count in zip(known, wanted, strict=True)]

    from benchmark.cli.progress import shown_progress
    from benchmark.execution.run import Options
    from benchmark.execution.run import run as execute
    from benchmark.store.blocks import code_digest, versions

    # Runs made by other code must not vouch for today's.
    root = results_root(results) / "verify" / digest([code_digest(), versions()])
    with shown_progress(root, fresh) as listener:
        report = execute(fresh, root, Options(device), listener)
    for reason, count in report.failures.items():
        typer.echo(f"{count} blocks failed: {reason}", err=True)
    if report.failures:
        raise typer.Exit(1)
    pairs = list(zip(known, fresh, strict=True))
    found = {held.resolved.scenario.name: _compare(held, mine, root) for held, mine in pairs}
    if as_json:
        print_json([_json(*pair, found[pair[1].scenario.name]) for pair in pairs])
    else:
        for held, mine in pairs:
            _print(held, mine, found[mine.scenario.name])
    if any(row.outcome == "differs" for rows in found.values() for row in rows):
        raise typer.Exit(1)


def _fresh(held: "Reference", seeds: int) -> Resolved:
    """The conditions of the reference with seeds of their own."""
    ids = {each["id"] for each in held.about["conditions"]}
    members = tuple(m for m in held.resolved.members if m.condition.id in ids)
    return replace(held.resolved, members=members, seeds=seeds, first_seed=FIRST_SEED)


def _compare(held: "Reference", mine: Resolved, root: Path) -> list["Agreement"]:
    from benchmark.statistics.agreement import agreements
    from benchmark.statistics.answer import condition_results, judged
    from benchmark.store.results import Results

    here = condition_results(Results.at(mine, root))
    return agreements(condition_results(held), here, judged(mine.scenario))


def _json(held: "Reference", mine: Resolved, rows: list["Agreement"]) -> dict[str, Any]:
    """Plain data; infinite numbers, which JSON does not have, are null."""
    plain = [
        {"condition": row.condition, "measure": row.measure, "outcome": row.outcome}
        | {
            key: each if isinstance(each, str | bool) or math.isfinite(each) else None
            for key, each in row.compared._asdict().items()
        }
        | {"adjusted_p": row.adjusted_p}
        for row in rows
    ]
    return {
        "scenario": mine.scenario.name,
        "scale": mine.scale,
        "reference_runs": held.seeds,
        "fresh_runs": mine.seeds,
        "first_seed": mine.first_seed,
        "agrees": all(row["outcome"] != "differs" for row in plain),
        "rows": plain,
    }


def _print(held: "Reference", mine: Resolved, rows: list["Agreement"]) -> None:
    from rich.table import Table
    from rich.text import Text

    from benchmark.cli.tables import console, number
    from benchmark.statistics.agreement import tallies

    name = mine.scenario.name
    title = (
        f"{name}: {mine.seeds} fresh runs per condition against {held.seeds} of the reference"
    )
    table = Table(title=title, title_justify="left", title_style="italic", box=None)
    table.add_column("measure, and its worst condition", overflow="fold", ratio=1)
    for heading in ("agree", "open", "differ"):
        table.add_column(heading, justify="right")
    for heading in ("reference", "here", "here ÷ reference\nor − [90 %]", "margin"):
        table.add_column(heading, justify="right", no_wrap=True)
    for tally in tallies(rows):
        worst = tally.worst.compared
        sign = "×÷ " if worst.scale == "ratio" else "± "
        about = re.sub(r"\b([a-z_]+\.)+(?=[a-z])", "", tally.worst.about).replace("_", " ")
        table.add_row(
            Text.assemble(f"{tally.measure}\n  ", (about, "dim")),
            *(str(count) for count in (tally.agree, tally.open, tally.differ)),
            number(worst.first),
            number(worst.second),
            f"{number(worst.difference)} [{number(worst.low)}, {number(worst.high)}]",
            sign + number(worst.margin),
        )
    console().print(table)
    if held.strangers:
        print(f"{held.strangers} of today's conditions are not in the reference: not compared.")
    lacking = _lacking(mine, rows)
    if lacking:
        print(f"Not in the reference, or not recorded, and not compared: {', '.join(lacking)}.")
    counts = Counter(row.outcome for row in rows)
    verdict = "DIFFERS from" if counts["differs"] else "agrees with"
    doubt = "" if counts["differs"] or not counts["open"] else ", as far as so many runs tell"
    print(
        f"{name} {verdict} the reference{doubt}: {counts['agrees']} of {len(rows)} comparisons "
        f"agree, {counts['open']} are open, {counts['differs']} differ (family-wise level 5 %)."
    )


def _lacking(mine: Resolved, rows: list["Agreement"]) -> list[str]:
    """Measures without any row."""
    from benchmark.statistics.answer import judged

    told = {row.measure.removeprefix("no ") for row in rows}
    return [m.name for m in judged(mine.scenario) if m.name not in told]
