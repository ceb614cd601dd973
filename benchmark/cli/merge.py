"""``merge``: join the results of shards."""

from pathlib import Path
from typing import Annotated

import typer

from benchmark.cli.options import Folder, possible
from benchmark.workbench.asked import results_root


def merge(
    folders: Annotated[
        list[Path],
        typer.Argument(help="Folders of results, such as of shards.", callback=possible),
    ],
    results: Folder = None,
) -> None:
    """Copy the results of other folders into one; nothing is copied if they disagree."""
    from benchmark.store.merging import merge as joined

    found = joined(folders, results_root(results))
    blocks = "1 block" if found.copied == 1 else f"{found.copied} blocks"
    print(f"{blocks} copied to {results_root(results)}; {found.same} were there already.")
    for path in found.damaged:
        typer.echo(f"{path} is damaged, or no block of results; it was left out.", err=True)
    if found.damaged:
        raise typer.Exit(1)
