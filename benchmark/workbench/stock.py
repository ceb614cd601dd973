"""Which results a command speaks of: one's own, or the reference. They are never mixed."""

import shlex
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from benchmark.declare.asked import Asked
from benchmark.declare.errors import UserError, require
from benchmark.declare.places import project_root, scenario_files, shipped_root
from benchmark.workbench.asked import command, results_root

if TYPE_CHECKING:
    from benchmark.declare.scenario import Resolved
    from benchmark.store.reference import Reference
    from benchmark.store.results import Stock


def reference_root(folder: str | Path | None) -> Path:
    """The folder of reference results: the given one, else that of `shipped_root`."""
    return Path(folder) if folder is not None else shipped_root() / "results" / "reference"


def own_reference_root(folder: Path | None) -> Path:
    """The folder that reference results are written to: the given one, else one's own.

    Not `reference_root`: what was installed stays as it came.
    """
    return folder if folder is not None else project_root() / "results" / "reference"


def stock_of(
    resolved: "Resolved", results: Path | None, reference: Path | None, changed: bool
) -> "Stock":
    """One's own results if a folder of them is named or any are there, else the reference.

    Says on standard error that it is the reference, if it is.

    Args:
        resolved: the scenario.
        results: folder of one's own results, if named.
        reference: folder of reference results, if these are asked for.
        changed: whether seeds or settings are not those of the scale, so that the
            reference cannot stand in.

    Raises:
        UserError: the reference is asked for and not there, or is of a scenario that has
            changed altogether.
    """
    from benchmark.store.results import Results
    from benchmark.workbench.progress import print_meanwhile

    own = Results.at(resolved, results_root(results))
    named = results is not None and reference is None
    if named or (reference is None and (changed or _any(own.folder, resolved))):
        if said := own.other_code:
            print_meanwhile(f"{resolved.scenario.name}: {said}", sys.stderr)
        return own
    found = _reference(resolved, results, reference)
    require(found.exists or reference is None, _missing(found))
    if not found.exists:
        return own
    if _changed(found):
        require(reference is None, _changed(found))
        print_meanwhile(_changed(found), sys.stderr)
        return own
    name, lacking = resolved.scenario.name, found.strangers
    note = f"; {lacking} of today's conditions are not among them" if lacking else ""
    print_meanwhile(
        f"{name}: from the reference results, scale {resolved.scale}, {found.seeds} runs per "
        f"condition{note}.",
        sys.stderr,
    )
    return found


def nothing_stored(
    name: str, asked: Asked, results: str | Path | None, scenarios: Sequence[Path]
) -> UserError:
    """What is to be said if nothing of a scenario is stored as it is asked for."""
    from benchmark.store.variants import variants

    root = results_root(results)
    others = [
        f"{each.asked.name} ({shlex.join(each.asked.flags)})"
        for each in variants(root / name)
        if not each.asked.plain
    ]
    known = f" Stored as variants: {', '.join(others)}." if others else ""
    return UserError(
        f"Nothing of {name!r} is stored in {root} at scale {asked.scale!r} with these settings."
        f"{known} Run it first: {command('run', name, asked, results, scenarios)}"
    )


def whole_catalogue(
    scale: str, results: Path | None, reference: Path | None, folders: Sequence[Path] = ()
) -> "dict[str, Stock]":
    """Every scenario's own results if their folder is named, else its reference.

    What is said over all scenarios is of one folder: never of the reference here and one's
    own results there. A scenario without results has an empty stock.

    Raises:
        UserError: no scenario has results.
    """
    from benchmark.declare.load import load_file
    from benchmark.store.results import Results

    published = results is None or reference is not None
    root = reference_root(reference) if published else results_root(results)
    stocks: dict[str, Stock] = {}
    some = False
    for name, path in scenario_files(folders).items():
        resolved = load_file(path).resolve(scale)
        found, own = _reference(resolved, results, reference), Results.at(resolved, root)
        stocks[name] = found if published and found.exists else own
        some = some or (found.exists if published else _any(own.folder, resolved))
    require(
        some,
        f"There are no results of any scenario at scale {scale!r} in {root}; run a scenario "
        "first: python -m benchmark run batch_size",
    )
    return stocks


def the_reference(resolved: "Resolved", reference: Path | None) -> "Reference":
    """The reference of a scenario.

    Raises:
        UserError: it is not there, or is of a scenario that has changed altogether.
    """
    found = _reference(resolved, None, reference)
    require(found.exists, _missing(found))
    require(not _changed(found), _changed(found))
    return found


def _changed(found: "Reference") -> str:
    """What is to be said if the reference has none of today's conditions, else ""."""
    if found.strangers < len(found.resolved.conditions):
        return ""
    name = found.resolved.scenario.name
    return (
        f"{name!r} has changed since its reference results {found.path} were made: they hold "
        f"none of today's conditions. Run it: python -m benchmark run {name}"
    )


def _any(folder: Path, resolved: "Resolved") -> bool:
    from benchmark.store.names import block_names

    return any((folder / name).exists() for name in block_names(resolved))


def _reference(resolved: "Resolved", results: Path | None, root: Path | None) -> "Reference":
    from benchmark.store.reference import Reference

    folder = results_root(results) / resolved.scenario.name / "from_reference"
    return Reference.at(resolved, reference_root(root), folder)


def _missing(found: "Reference") -> str:
    name, scale = found.resolved.scenario.name, found.resolved.scale
    return (
        f"There are no reference results of {name!r} at scale {scale!r} in {found.path.parent}."
    )
