"""What somebody asks for: a scenario by name or itself, a scale, seeds, overrides, a folder."""

import shlex
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmark.declare.asked import Asked
from benchmark.declare.errors import UserError, require
from benchmark.declare.places import project_root

if TYPE_CHECKING:
    from benchmark.declare.scenario import Resolved, Scenario


def results_root(folder: str | Path | None) -> Path:
    """The results folder: the given one, else one's own, see `project_root`."""
    return Path(folder) if folder is not None else project_root() / "results"


def folders(given: str | Path | Sequence[str | Path] | None) -> list[Path]:
    """Folders of scenarios as a list; one may be given alone."""
    if given is None:
        return []
    return [Path(given)] if isinstance(given, str | Path) else [Path(each) for each in given]


def resolved(
    scenario: "str | Scenario | Resolved",
    asked: Asked,
    scenarios: Sequence[Path] = (),
) -> "Resolved":
    """A scenario with everything that somebody asks to change.

    Args:
        scenario: its name; or the scenario itself, which must have one; or one that is
            resolved already, of which nothing can be changed.
        asked: what is changed.
        scenarios: folders in which a name is looked for, too.

    Raises:
        UserError: there is no such scenario, or it cannot be changed so.
    """
    from benchmark.declare.load import find
    from benchmark.declare.scenario import Resolved, Scenario

    if isinstance(scenario, Resolved):
        require(
            asked.plain and asked.scale in ("quick", scenario.scale),
            "The scenario is resolved already: give scale, seeds and overrides to resolve().",
        )
        return scenario
    if isinstance(scenario, str):
        scenario = find(scenario, scenarios)
    require(
        isinstance(scenario, Scenario),
        f"The scenario is {type(scenario).__name__}, but must be a name or a Scenario.",
    )
    require(
        bool(scenario.name),
        "The scenario has no name, by which its results could be stored: give it one with "
        "scenario.named('my_question').",
    )
    return scenario.resolve(asked.scale, asked.seeds, asked.settings)


def rehearsed(held: "Resolved") -> None:
    """Raise, naming the scenario, if a function of its claims cannot be called."""
    from benchmark.statistics.claims.rehearsal import rehearse

    try:
        rehearse(held)
    except UserError as error:
        raise UserError(f"Scenario {held.scenario.name!r}: {error}") from error


def noted(held: "Resolved", asked: Asked, shard: str | None, root: Path) -> None:
    """Remember what is run with settings of one's own, or in part: to be found again."""
    if asked.plain and shard is None:
        return
    from benchmark.store.variants import Variant, remember

    parts = () if shard is None else (shard,)
    remember(root / held.scenario.name, Variant(asked, parts))


def figures_folder(folder: Path, asked: Asked) -> Path:
    """Where figures of what is asked for go: those of one never take the place of another's.

    >>> str(figures_folder(Path("results/mine"), Asked()))
    'results/mine/figures'
    >>> str(figures_folder(Path("results/mine"), Asked(seeds=4)))
    'results/mine/variants/fbfb4b/figures'

    Args:
        folder: of the scenario's results.
        asked: scale, seeds and settings.
    """
    if asked == Asked():
        return folder / "figures"
    if asked.plain:
        return folder / asked.scale / "figures"
    from benchmark.store.variants import FOLDER

    return folder / FOLDER / asked.name / "figures"


def either(asked: Asked, variant: str | None, name: str, results: str | Path | None) -> Asked:
    """What is asked for, or what a variant of the scenario `name` had asked for.

    Raises:
        UserError: none of that name is stored, or both are given.
    """
    if variant is None:
        return asked
    require(
        asked == Asked(),
        "A variant has a scale, seeds and settings of its own: give either these or its name.",
    )
    from benchmark.store.variants import variant_named

    return variant_named(results_root(results) / name, variant).asked


def texts(overrides: Mapping[str, Any] | None) -> dict[str, str]:
    """Overrides of Python as the texts of the command line.

    >>> texts({"training.batch_size": [8, 64], "model.widths": (64, 64), "model.dropout": None})
    {'training.batch_size': '8,64', 'model.widths': '64-64', 'model.dropout': 'none'}

    Raises:
        UserError: a value is no number, text, truth, None, tuple, or list of such.
    """
    return {path: _text(path, value) for path, value in (overrides or {}).items()}


def _text(path: str, value: Any) -> str:
    if isinstance(value, list):
        require(bool(value), f"The override of {path!r} is an empty list.")
        return ",".join(_text(path, each) for each in value)
    if isinstance(value, tuple):
        return "-".join(_text(path, each) for each in value)
    if isinstance(value, bool) or value is None:
        return str(value).lower()
    if isinstance(value, int | str):
        return str(value)
    try:
        return repr(float(value))
    except (TypeError, ValueError):
        raise UserError(
            f"The override of {path!r} is {value!r}, but must be a number, a text, True, "
            "False, None, a tuple of these, or a list of levels."
        ) from None


def command(
    verb: str,
    name: str,
    asked: Asked,
    results: str | Path | None = None,
    scenarios: Sequence[Path] = (),
) -> str:
    """The command line for it, with every flag that was given.

    >>> command("run", "mine", Asked(settings={"training.epochs": "2,4"}), "out")
    'python -m benchmark run mine --set training.epochs=2,4 --results out'
    """
    words = ["python", "-m", "benchmark", verb, name, *asked.flags]
    words += ["--results", str(results)] if results is not None else []
    for folder in scenarios:
        words += ["--scenarios", str(folder)]
    return shlex.join(words)
