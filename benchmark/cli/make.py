"""``new``: a scenario file ready to edit."""

import re
from typing import Annotated

import typer

from benchmark.cli.completion import scenario_names
from benchmark.cli.options import Scenarios
from benchmark.declare.asked import Asked
from benchmark.declare.errors import one_of, require
from benchmark.declare.places import project_root, scenario_files
from benchmark.store.atomic import write
from benchmark.workbench.asked import command


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
    *others, folder = scenarios or [project_root() / "scenarios"]
    # The one that is written to may be new.
    files = scenario_files([*others, *([folder] if folder.is_dir() else [])])
    one_of("The scenario to start from", source, files)
    path = folder / f"{name}.py"
    require(not path.exists(), f"{path} is already there; choose another name.")
    write(path, files[source].read_bytes())
    then = command("run", name, Asked(), scenarios=scenarios or [])
    print(f"{path} is a copy of {source}; edit it, then: {then}")
