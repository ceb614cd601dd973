"""What the command line does, in Python: with names, paths as texts, and tables of pandas.

Every function takes a scenario by its name, or itself, and the same keywords:

- `scale`: "quick" (minutes on 2 cores) or "paper".
- `seeds`: runs per condition; default: the scale's.
- `overrides`: dotted path → value; a list gives several levels:
  ``{"training.batch_size": [8, 64]}``.
- `variant`: short name of overrides that were run before, as `status` lists them.
- `results`: folder of the results; default: ``results/`` of the project, and the reference
  results where there are none of one's own.
- `scenarios`: further folders of scenario files.
"""

from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

import pandas as pd

from benchmark.answers.answer import Answer, answer, reported, shown
from benchmark.declare.asked import Asked
from benchmark.declare.errors import UserError
from benchmark.declare.scenario import Resolved, Scenario
from benchmark.execution.run import Listener, Options, Report
from benchmark.execution.run import run as execute
from benchmark.store.labelled import labelled, tidy
from benchmark.store.results import Stock
from benchmark.tables.claimed import region
from benchmark.workbench.asked import (
    either,
    folders,
    noted,
    rehearsed,
    resolved,
    results_root,
    texts,
)
from benchmark.workbench.notebook import show_figures
from benchmark.workbench.progress import shown_progress
from benchmark.workbench.stock import nothing_stored, stock_of

if TYPE_CHECKING:
    import xarray as xr
    from matplotlib.figure import Figure

__all__ = ["draw", "load", "run", "summary", "tidy", "verdicts"]

Which: TypeAlias = str | Scenario | Resolved
Folders: TypeAlias = str | Path | Sequence[str | Path] | None


def run(
    scenario: Which | Sequence[Which],
    results: str | Path | None = None,
    *,
    scale: str = "quick",
    seeds: int | None = None,
    overrides: Mapping[str, Any] | None = None,
    variant: str | None = None,
    scenarios: Folders = None,
    options: Options | None = None,
    progress: bool = True,
) -> Report:
    """Train what is not stored yet; interrupted, the same call goes on from there.

    Args:
        scenario: name, scenario, or several of them.
        results, scale, seeds, overrides, variant, scenarios: see above.
        options: where and how to compute, such as ``Options(device="gpu")``; None for all cores
            or GPUs of this machine.
        progress: show how far it is.

    Returns:
        How many blocks were computed, and how many were there.

    Raises:
        UserError: no such scenario, or it cannot be run so.
    """
    which = [scenario] if isinstance(scenario, str | Scenario | Resolved) else list(scenario)
    options, root = options or Options(), results_root(results)
    wanted = [_asked(each, scale, seeds, overrides, variant, results) for each in which]
    pairs = zip(which, wanted, strict=True)
    every = [resolved(each, asked, folders(scenarios)) for each, asked in pairs]
    for held in every:
        rehearsed(held)
    for held, asked in zip(every, wanted, strict=True):
        noted(held, asked, options.shard, root)
    silent = nullcontext(None)
    with shown_progress(root, every) if progress else silent as listener:
        return _executed(every, root, options, listener)


def _executed(
    every: list[Resolved], root: Path, options: Options, listener: Listener | None
) -> Report:
    report = execute(every, root, options, listener)
    if report.failures:
        said = "; ".join(f"{count} blocks: {why}" for why, count in report.failures.items())
        raise UserError(f"Some blocks failed, the others are stored: {said}")
    return report


def load(
    scenario: Which,
    scale: str = "quick",
    results: str | Path | None = None,
    scenarios: Folders = None,
    seeds: int | None = None,
    overrides: Mapping[str, Any] | None = None,
    variant: str | None = None,
) -> "xr.Dataset":
    """All stored runs of a scenario as one dataset; else of its reference results.

    Dimensions are `condition` (its id), `run` (its seed), `epoch` (0 is before training)
    and, for step series, `step`; every setting is a coordinate along `condition`, and so is
    `arm`, the arms of the design that it stands in. Shorter conditions, and settings that a
    condition does not have, are filled up with NaN (texts are left empty). Reference results
    have the measures of every run, too, and their attribute `curves` says what is kept of the
    curves.

    Raises:
        UserError: no such scenario, or nothing of it is stored.
    """
    asked = _asked(scenario, scale, seeds, overrides, variant, results)
    held = labelled(_stock(scenario, asked, results, scenarios))
    if held is None:
        raise nothing_stored(_name(scenario), asked, results, folders(scenarios))
    return held


def summary(
    scenario: Which,
    scale: str = "quick",
    results: str | Path | None = None,
    scenarios: Folders = None,
    seeds: int | None = None,
    overrides: Mapping[str, Any] | None = None,
    variant: str | None = None,
    every: bool = False,
) -> pd.DataFrame:
    """Measures of every condition with 95 % intervals over its runs.

    Args:
        scenario, scale, results, scenarios, seeds, overrides, variant: see above.
        every: all measures, and not only those that the scenario shows.

    Returns:
        One row per condition and measure: the settings that vary, `measure` (its name),
        `words`, `estimate`, `low`, `high`, `runs`.

    Raises:
        UserError: no such scenario, or nothing of it is stored.
    """
    found = _answer(scenario, scale, results, scenarios, seeds, overrides, variant)
    names = {name for row in found.summaries for name in row.measures}
    series = {name for row in found.conditions for name in row.series}
    known = reported(found.scenario, series) if every else shown(found.scenario)
    measures = [measure for measure in known if measure.name in names]
    varying = [path for path, levels in found.resolved.levels.items() if len(levels) > 1]
    rows = [
        {path: row.settings.get(path) for path in varying}
        | {"measure": measure.name, "words": measure.words, "estimate": held.number.estimate}
        | {"low": held.number.low, "high": held.number.high, "runs": held.runs}
        for row in found.summaries
        for measure in measures
        if (held := row.measures.get(measure.name)) is not None
    ]
    return pd.DataFrame(rows)


def verdicts(
    scenario: Which,
    scale: str = "quick",
    results: str | Path | None = None,
    scenarios: Folders = None,
    seeds: int | None = None,
    overrides: Mapping[str, Any] | None = None,
    variant: str | None = None,
) -> pd.DataFrame:
    """The verdict on every claim of a scenario.

    Returns:
        One row per claim, by its name: `says`, `verdict`, `estimate`, `low`, `high`,
        `expected`, `p`, `adjusted_p`, `seeds_to_decide`, `note`.

    Raises:
        UserError: no such scenario, or nothing of it is stored.
    """
    found = _answer(scenario, scale, results, scenarios, seeds, overrides, variant)
    columns = ["says", "verdict", "estimate", "low", "high", "expected"]
    columns += ["p", "adjusted_p", "seeds_to_decide", "note"]
    rows = [
        {**vars(verdict), "estimate": verdict.number.estimate, "low": verdict.number.low}
        | {"high": verdict.number.high, "expected": region(verdict)}
        for verdict in found.verdicts
    ]
    table = pd.DataFrame(rows, columns=["name", *columns])
    return table.rename(columns={"name": "claim"}).set_index("claim")


def draw(
    scenario: Which,
    scale: str = "quick",
    results: str | Path | None = None,
    scenarios: Folders = None,
    seeds: int | None = None,
    overrides: Mapping[str, Any] | None = None,
    variant: str | None = None,
) -> "dict[str, Figure]":
    """The figures of a scenario, by name: curves, dose, verdicts, and what else it has.

    They are figures of matplotlib, to be shown or saved; `figures` on the command line writes
    them to files.

    Raises:
        UserError: no such scenario, nothing of it is stored, or its own figure fails.
    """
    found = _answer(scenario, scale, results, scenarios, seeds, overrides, variant)
    from benchmark.figures.draw import drawn
    from benchmark.figures.save import settled
    from benchmark.figures.theme import styled

    show_figures()

    with styled():
        return {name: settled(figure) for name, figure in drawn(found)}


def _answer(
    scenario: Which,
    scale: str,
    results: str | Path | None,
    scenarios: Folders,
    seeds: int | None,
    overrides: Mapping[str, Any] | None,
    variant: str | None,
) -> Answer:
    asked = _asked(scenario, scale, seeds, overrides, variant, results)
    found = answer(_stock(scenario, asked, results, scenarios))
    if not found.summaries:
        raise nothing_stored(_name(scenario), asked, results, folders(scenarios))
    return found


def _stock(
    scenario: Which, asked: Asked, results: str | Path | None, scenarios: Folders
) -> Stock:
    held = resolved(scenario, asked, folders(scenarios))
    named = Path(results) if results is not None else None
    declared = held.scenario.resolve(held.scale)
    same = (held.seeds, held.members) == (declared.seeds, declared.members)
    return stock_of(held, named, None, changed=not same)


def _asked(
    scenario: Which,
    scale: str,
    seeds: int | None,
    overrides: Mapping[str, Any] | None,
    variant: str | None,
    results: str | Path | None,
) -> Asked:
    return either(Asked(scale, seeds, texts(overrides)), variant, _name(scenario), results)


def _name(scenario: Which) -> str:
    if isinstance(scenario, str):
        return scenario
    held = scenario.scenario if isinstance(scenario, Resolved) else scenario
    # What is no scenario at all is told of where it is resolved.
    return held.name if isinstance(held, Scenario) else ""
