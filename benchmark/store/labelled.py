"""Stored results for people: one labelled dataset, and one tidy table."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

from benchmark.declare.errors import UserError
from benchmark.declare.load import find
from benchmark.declare.places import project_root
from benchmark.store.blocks import units
from benchmark.store.results import Results


def load(
    name: str,
    scale: str = "quick",
    results: str | Path | None = None,
    scenarios: Sequence[str | Path] = (),
    seeds: int | None = None,
) -> xr.Dataset:
    """All stored runs of a scenario as one dataset.

    Dimensions are `condition` (its id), `run` (its seed), `epoch` (0 is before training)
    and, for step series, `step`; every setting is a coordinate along `condition`. Shorter
    conditions, and settings that a condition does not have, are filled up with NaN (texts
    are left empty).

    Raises:
        UserError: no such scenario, or nothing of it is stored.
    """
    scenario = find(name, [Path(folder) for folder in scenarios])
    root = Path(results) if results is not None else project_root() / "results"
    stored = Results.at(scenario.resolve(scale, seeds), root)
    parts: list[xr.Dataset] = []
    settings: list[dict[str, Any]] = []
    for runs in stored.all_runs():
        dimensions = ("run", "epoch", "step")
        variables = {
            key: (dimensions[: held.ndim], held, {"units": units(key)})
            for key, held in runs.series.items()
        }
        epochs = np.arange(runs.condition.training.epochs + 1)
        coordinates = {"run": runs.seeds, "epoch": epochs}
        if any(held.ndim == len(dimensions) for held in runs.series.values()):
            # Numbered, or conditions with more and fewer steps could not be joined.
            coordinates["step"] = np.arange(runs.condition.steps_per_epoch)
        part = xr.Dataset(variables, coordinates).expand_dims(condition=[runs.condition.id])
        parts.append(part)
        settings.append(stored.resolved.settings(runs.condition))
    if not parts:
        raise UserError(
            f"Nothing of {name!r} is stored in {root} at scale {scale!r}. Run it first: "
            f"python -m benchmark run {name}"
        )
    joined = xr.concat(parts, "condition", join="outer", coords="minimal", compat="override")
    assert isinstance(joined, xr.Dataset)
    paths = dict.fromkeys(path for held in settings for path in held)
    levels = {path: [held.get(path) for held in settings] for path in paths}
    columns = {
        path: ("condition", _column(held))
        for path, held in levels.items()
        if any(one is not None for one in held)
    }
    return joined.assign_coords(columns)


def _column(held: list[Any]) -> np.ndarray:
    """A setting along the conditions; where there is none, NaN or an empty text."""
    numbers = all(isinstance(one, int | float) for one in held if one is not None)
    if not numbers:
        return np.array(["" if one is None else str(one) for one in held])
    return np.array([np.nan if one is None else one for one in held])


def tidy(dataset: xr.Dataset) -> pd.DataFrame:
    """One row per condition, run and epoch, as seaborn likes it; step series are left out."""
    flat = dataset.drop_vars([n for n, held in dataset.items() if "step" in held.dims])
    table = flat.drop_dims([d for d in ("step",) if d in flat.dims]).to_dataframe()
    columns = [name for name in flat.data_vars if name in table]
    return table.dropna(how="all", subset=columns).reset_index()
