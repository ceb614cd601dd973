"""Options that several commands share."""

import json
import math
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from benchmark.cli.completion import scenario_names
from benchmark.declare.asked import Asked
from benchmark.declare.errors import UserError
from benchmark.workbench.asked import either, resolved

if TYPE_CHECKING:
    from benchmark.declare.scenario import Resolved

Name = Annotated[
    str,
    typer.Argument(help="Name of the scenario, see `list`.", autocompletion=scenario_names),
]
Scale = Annotated[str, typer.Option(help="quick (minutes on 2 cores) or paper (published).")]
Seeds = Annotated[int | None, typer.Option(help="Runs per condition; default: the scale's.")]
Set = Annotated[
    list[str] | None,
    typer.Option(
        "--set",
        metavar="PATH=VALUE",
        help="Override a setting; levels: PATH=A,B,C. May be given again. `show` lists paths.",
    ),
]


def possible(given: Any) -> Any:
    """The path or paths of an option, if the system can look there.

    Raises:
        UserError: a path, or what would lie below it, has a name that no system takes.
    """
    for path in given if isinstance(given, list) else [given] if given is not None else []:
        try:
            # As long as what will be looked for below.
            (path / ("n" * 100) / ("n" * 100)).exists()
        except (OSError, ValueError) as error:
            said = getattr(error, "strerror", None) or error
            raise UserError(f"The path {str(path)!r} is impossible: {said}.") from error
    return given


def output_file(given: Path | None) -> Path | None:
    """The file an option names to be written, if there can be one.

    Raises:
        UserError: the path is impossible, or of something that is there and is no file: a
            folder, or a device, which would be replaced.
    """
    possible(given)
    if given is not None and given.exists() and not given.is_file():
        raise UserError(
            f"--output is {str(given)!r}, but must be a file, not a folder or device."
        )
    return given


Folder = Annotated[
    Path | None,
    typer.Option(
        "--results",
        help="Folder of the results; default: results/ of the clone or the current folder.",
        callback=possible,
    ),
]
References = Annotated[
    Path | None,
    typer.Option(
        "--reference",
        help="Folder of reference results; default: that of the package.",
        callback=possible,
    ),
]
Scenarios = Annotated[
    list[Path] | None,
    typer.Option(
        "--scenarios",
        help="Further folder of scenario files; may be given again.",
        callback=possible,
    ),
]
Variant = Annotated[
    str | None,
    typer.Option(
        metavar="NAME", help="Settings that were run before, by the name `status` gives them."
    ),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]


def overrides(settings: list[str] | None) -> dict[str, str]:
    """``PATH=VALUE`` texts as a mapping.

    Raises:
        UserError: a text has no ``=``.
    """
    parsed: dict[str, str] = {}
    for text in settings or []:
        path, sign, given = text.partition("=")
        if not (path and sign and given):
            raise UserError(f"--set is {text!r}, but must be PATH=VALUE.")
        parsed[path.strip()] = given.strip()
    return parsed


def asked(
    name: str,
    scale: str,
    seeds: int | None,
    settings: list[str] | None,
    variant: str | None = None,
    results: Path | None = None,
) -> Asked:
    """What is to be changed in a scenario.

    Raises:
        UserError: a variant is named that is not stored, or with settings beside it.
    """
    return either(Asked(scale, seeds, overrides(settings)), variant, name, results)


def resolve(
    name: str,
    scale: str,
    seeds: int | None,
    settings: list[str] | None,
    folders: list[Path] | None,
) -> "Resolved":
    """The named scenario with everything the user asked to change."""
    return resolved(name, asked(name, scale, seeds, settings), folders or [])


def print_json(data: Any) -> None:
    """Print data as JSON; numbers that do not exist are null."""
    print(json.dumps(_existing(data), indent=1, allow_nan=False, default=str))


def _existing(data: Any) -> Any:
    if isinstance(data, float) and not math.isfinite(data):
        return None
    if isinstance(data, Mapping):
        return {key: _existing(held) for key, held in data.items()}
    return [_existing(held) for held in data] if isinstance(data, list | tuple) else data
