"""``run``: compute what is missing, then show the answer."""

import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from benchmark.cli.completion import scenario_names
from benchmark.cli.options import (
    Folder,
    Scale,
    Scenarios,
    Seeds,
    Set,
    Variant,
    asked,
)
from benchmark.declare.asked import Asked
from benchmark.declare.errors import UserError, require
from benchmark.declare.places import scenario_files
from benchmark.workbench.asked import command, figures_folder, noted, rehearsed, results_root
from benchmark.workbench.asked import resolved as resolved_as

if TYPE_CHECKING:
    from benchmark.declare.scenario import Resolved
    from benchmark.execution.address import Certificates


def run(
    names: Annotated[
        list[str] | None,
        typer.Argument(help="Scenarios to run.", autocompletion=scenario_names),
    ] = None,
    all_of_them: Annotated[bool, typer.Option("--all", help="Run all scenarios.")] = False,
    scale: Scale = "quick",
    seeds: Seeds = None,
    settings: Set = None,
    variant: Variant = None,
    results: Folder = None,
    scenarios: Scenarios = None,
    shard: Annotated[
        str | None, typer.Option(metavar="I/N", help="Compute only every N-th block.")
    ] = None,
    scheduler: Annotated[
        str | None,
        typer.Option(
            metavar="ADDRESS",
            help="Use this Dask scheduler's workers: tcp://HOST:PORT or tls://HOST:PORT.",
        ),
    ] = None,
    tls_ca: Annotated[
        Path | None, typer.Option(help="For tls://: certificate of the authority (PEM).")
    ] = None,
    tls_cert: Annotated[
        Path | None, typer.Option(help="For tls://: this client's certificate (PEM).")
    ] = None,
    tls_key: Annotated[
        Path | None, typer.Option(help="For tls://: the key of that certificate (PEM).")
    ] = None,
    device: Annotated[str, typer.Option(help="auto, cpu or gpu.")] = "auto",
    patience: Annotated[
        float, typer.Option(help="Seconds of silence after which a worker is restarted.")
    ] = 600.0,
    figures: Annotated[bool, typer.Option(help="Draw the figures at the end.")] = True,
) -> None:
    """Run scenarios: train what is not stored yet, then print table, verdicts and figures.

    Ctrl-C is safe at any time: blocks that are stored are kept, and the same command goes
    on from there.
    """
    chosen = list(scenario_files(scenarios or [])) if all_of_them else list(names or [])
    require(bool(chosen), "Name a scenario (see `list`), or give --all.")
    wanted = [asked(name, scale, seeds, settings, variant, results) for name in chosen]
    every = zip(chosen, wanted, strict=True)
    resolved = [resolved_as(name, each, scenarios or []) for name, each in every]
    root = results_root(results)

    from benchmark.execution.run import Options
    from benchmark.execution.run import run as execute
    from benchmark.workbench.progress import shown_progress

    for each in resolved:
        rehearsed(each)
    made = certificates(tls_ca, tls_cert, tls_key)
    options = Options(device, scheduler, shard, patience, made)
    for each, how in zip(resolved, wanted, strict=True):
        noted(each, how, shard, root)
    started = time.perf_counter()
    with shown_progress(root, resolved) as listener:
        report = execute(resolved, root, options, listener)
    took = time.perf_counter() - started
    if report.computed:
        print(f"Computed {report.computed} blocks in {took:.0f} s; {report.kept} were stored.")
    for reason, count in report.failures.items():
        typer.echo(f"{count} blocks failed: {reason}", err=True)
    if shard is None:
        for each, how in zip(resolved, wanted, strict=True):
            again = command("summary", each.scenario.name, how, results, scenarios or [])
            conclude(each, how, root, figures, again)
    if report.failures:
        raise typer.Exit(1)


def certificates(
    authority: Path | None, certificate: Path | None, key: Path | None
) -> "Certificates | None":
    """The certificates that are given, or None.

    Raises:
        UserError: some are given and some are not, or a file cannot be used.
    """
    from benchmark.execution.address import Certificates

    if authority is None and certificate is None and key is None:
        return None
    if authority is None or certificate is None or key is None:
        raise UserError("Of --tls-ca, --tls-cert and --tls-key all three are needed.")
    return Certificates(authority, certificate, key)


def conclude(resolved: "Resolved", how: Asked, root: Path, figures: bool, again: str) -> None:
    """Print a scenario's table and verdicts, draw its figures and name them.

    Args:
        resolved: the scenario.
        how: what was asked for.
        root: folder of the results.
        figures: whether they are drawn.
        again: the command that prints the same.
    """
    from benchmark.answers.answer import answer
    from benchmark.cli.tables import print_answer
    from benchmark.store.results import Results

    held = Results.at(resolved, root)
    try:
        found = answer(held)
    except UserError as error:
        raise UserError(
            f"Scenario {resolved.scenario.name!r}: {str(error).rstrip('.')}. Its runs are "
            f"stored; mend it, then: {again}"
        ) from error
    print_answer(found)
    if figures and found.summaries:
        from benchmark.cli.redraw import figures_of
        from benchmark.workbench.progress import print_meanwhile, shown_steps

        for _ in shown_steps([resolved.scenario.name], "drawing"):
            paths = figures_of(found, held, figures_folder(held.folder, how))
            print_meanwhile("figures: " + "  ".join(str(path) for path in paths))
