"""From stored results to the reference: measures of every run, and sketches of the curves."""

from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from benchmark.answers.answer import decisive, reported
from benchmark.declare.errors import require
from benchmark.declare.identity import canonical
from benchmark.declare.measure import Measure
from benchmark.statistics.resolution import resolution
from benchmark.store.reference import Entry, store
from benchmark.store.results import Results, Runs
from benchmark.store.sketch import sketch


def make_reference(results: Results, path: Path) -> None:
    """Write the reference file of a scenario from its stored results.

    Args:
        results: all runs of all conditions.
        path: the file.

    Raises:
        UserError: not everything is stored, or the file cannot be written.
    """
    resolved = results.resolved
    every = _complete(results)
    names = dict.fromkeys(name for runs in every for name in runs.series)
    wanted = (*decisive(resolved.scenario), *reported(resolved.scenario, names))
    measures = {m.name: m for m in wanted if set(m.series) <= set(names)}
    seeds, entries, made = None, [], []
    for runs in every:
        seeds = runs.seeds
        entries.append(_entry(runs, measures.values()))
        made += runs.attributes
    assert seeds is not None
    about = {
        "scenario": resolved.scenario.name,
        "version": resolved.scenario.version,
        "scale": resolved.scale,
        "seeds": resolved.seeds,
        "measures": [{"name": m.name, "of": m.series} for m in measures.values()],
        "devices": _distinct(made, "device"),
        "versions": _distinct(made, "versions"),
        "code": _distinct(made, "code"),
    }
    store(path, about, seeds, entries)


def _complete(results: Results) -> list[Runs]:
    """The runs of every condition, if everything is stored."""
    resolved, every = results.resolved, results.all_runs()
    whole = sum(len(runs.seeds) == resolved.seeds for runs in every)
    name, total = resolved.scenario.name, len(resolved.conditions)
    require(
        whole == total,
        f"{total - whole} of {total} conditions of {name!r} do not have all "
        f"{resolved.seeds} runs of scale {resolved.scale!r} in {results.folder}; compute them "
        f"first: python -m benchmark run {name} --scale {resolved.scale}",
    )
    return every


def _entry(runs: Runs, measures: Collection[Measure]) -> Entry:
    series = runs.series
    about: dict[str, Any] = {
        "id": runs.condition.id,
        "condition": canonical(runs.condition, whole=True),
        "series": {name: values.shape[1:] for name, values in series.items()},
        "seconds": sum(np.sum(each["seconds"]).item() for each in runs.attributes),
    }
    there = [m for m in measures if set(m.series) <= set(series)]
    known = {measure.name: measure.evaluate(series) for measure in there}
    sketches = {name: sketch(values) for name, values in series.items()}
    blurs = {m.name: resolution(m, series) for m in there}
    return Entry(about, known, sketches, blurs)


def _distinct(made: Collection[Mapping[str, Any]], key: str) -> list[str]:
    return sorted({str(each[key]) for each in made})
