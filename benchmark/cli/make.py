"""``new``: a scenario file ready to edit."""

import re
from pathlib import Path
from typing import Annotated

import typer

from benchmark.cli.completion import scenario_names
from benchmark.cli.options import Scenarios
from benchmark.declare.errors import one_of, require
from benchmark.declare.places import project_root, scenario_files
from benchmark.store.atomic import write


def new(
    name: Annotated[str, typer.Argument(help="Name of the new scenario, in snake_case.")],
    source: Annotated[
        str,
        typer.Option("--from", help="Scenario to start from.", autocompletion=scenario_names),
    ] = "batch_size",
    scenarios: Scenarios = None,
) -> None:
    """Write a new scenario file, copied from another, ready to edit."""
    require(
        re.fullmatch(r"[a-z][a-z0-9_]{0,99}", name) is not None,
        f"The name is {name!r}, but must be lower-case letters, digits and underscores, at "
        "most 100.",
    )
    files = scenario_files(scenarios or [])
    one_of("The scenario to start from", source, files)
    folder: Path = scenarios[-1] if scenarios else project_root() / "scenarios"
    path = folder / f"{name}.py"
    require(not path.exists(), f"{path} is already there; choose another name.")
    write(path, files[source].read_bytes())
    print(f"{path} is a copy of {source}; edit it, then: python -m benchmark run {name}")
