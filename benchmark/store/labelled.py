"""Stored results for people: one labelled dataset, and one tidy table."""

from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

from benchmark.declare.scenario import Member
from benchmark.store.blocks import units
from benchmark.store.results import Runs, Stock
from benchmark.store.sketch import BITS, RUNS

SKETCHES = (
    f"Reference results: measures are exact; curves are sketches, of at most {RUNS} runs, "
    f"rounded to {BITS} binary digits, and between the epochs kept they stay at the last."
)


def labelled(stock: Stock) -> xr.Dataset | None:
    """All stored runs of a scenario as one dataset; None if there are none.

    Dimensions are `condition` (its id), `run` (its seed), `epoch` (0 is before training)
    and, for step series, `step`; every setting is a coordinate along `condition`, and so is
    `arm`, the arms of the design that it stands in. Shorter conditions, and settings that a
    condition does not have, are filled up with NaN (texts are left empty). Reference results
    have the measures of every run, too, and their attribute `curves` says what is kept of the
    curves.
    """
    every = stock.all_runs()
    if not every:
        return None
    arms: dict[str, list[str]] = {}
    for arm, condition, _ in stock.resolved.members:
        arms.setdefault(condition.id, []).extend([arm] if arm else [])
    settings = [
        stock.resolved.settings(Member(", ".join(arms[runs.condition.id]), runs.condition))
        for runs in every
    ]
    parts = [_part(runs) for runs in every]
    joined = xr.concat(parts, "condition", join="outer", coords="minimal", compat="override")
    assert isinstance(joined, xr.Dataset)
    paths = dict.fromkeys(path for of_condition in settings for path in of_condition)
    levels = {path: [of_condition.get(path) for of_condition in settings] for path in paths}
    columns = {
        path: ("condition", _column(values))
        for path, values in levels.items()
        if any(value is not None for value in values)
    }
    described = joined.assign_coords(columns)
    if any(runs.known for runs in every):
        described.attrs["curves"] = SKETCHES
    return described


def _part(runs: Runs) -> xr.Dataset:
    """The runs of one condition."""
    dimensions = ("run", "epoch", "step")
    variables: dict[str, Any] = {
        key: (
            dimensions[: values.ndim],
            _for_all(values, len(runs.seeds)),
            {"units": units(key)},
        )
        for key, values in runs.series.items()
    }
    variables |= {name: (("run",), values) for name, values in runs.known.items()}
    epochs = np.arange(runs.condition.training.epochs + 1)
    coordinates = {"run": runs.seeds, "epoch": epochs}
    if any(values.ndim == len(dimensions) for values in runs.series.values()):
        # Numbered, or conditions with more and fewer steps could not be joined.
        coordinates["step"] = np.arange(runs.condition.steps_per_epoch)
    return xr.Dataset(variables, coordinates).expand_dims(condition=[runs.condition.id])


def _for_all(values: np.ndarray, runs: int) -> np.ndarray:
    """A series with a row for every run; NaN for those of which it is not kept."""
    if len(values) == runs:
        return values
    missing = np.full((runs - len(values), *values.shape[1:]), np.nan, values.dtype)
    return np.concatenate([values, missing])


def _column(values: list[Any]) -> np.ndarray:
    """A setting along the conditions; where there is none, NaN or an empty text."""
    numbers = all(isinstance(value, int | float) for value in values if value is not None)
    if not numbers:
        return np.array(["" if value is None else str(value) for value in values])
    return np.array([np.nan if value is None else value for value in values])


def tidy(dataset: xr.Dataset, varying_only: bool = False) -> pd.DataFrame:
    """One row per condition, run and epoch, as seaborn likes it.

    Step series are left out, and so are measures, which have no epochs.

    Args:
        dataset: as `load` gives it.
        varying_only: leave out the settings that are the same everywhere.
    """
    gone = [
        n for n, array in dataset.items() if "step" in array.dims or "epoch" not in array.dims
    ]
    flat = dataset.drop_vars(gone)
    table = flat.drop_dims([d for d in ("step",) if d in flat.dims]).to_dataframe()
    columns = [name for name in flat.data_vars if name in table]
    whole = table.dropna(how="all", subset=columns).reset_index()
    if not varying_only:
        return whole
    settings = [n for n, array in dataset.coords.items() if array.dims == ("condition",)]
    constant = [n for n in settings if n != "condition" and len(whole[n].unique()) == 1]
    return whole.drop(columns=constant)
