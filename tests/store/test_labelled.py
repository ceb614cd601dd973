"""Results as one data set with names."""

from pathlib import Path

import numpy as np
import pytest
import xarray as xr

import benchmark
from benchmark import UserError
from benchmark.declare.load import load_file
from benchmark.declare.series import recorded
from benchmark.store.blocks import Block
from benchmark.store.results import Results
from helpers.scenarios import written
from helpers.stored import store

BATCH, RATE = "training.batch_size", "optimizer.learning_rate"

MIXED = """
from benchmark import *
from benchmark import Condition

scenario = Scenario(
    question="?", says=".",
    base=Condition(
        Digits(n_train=16, n_validation=8), MLP((4,)), SGD(0.1), Training(3, batch_size=4)
    ),
    vary=Union(
        {"training.batch_size": (4, 8), "optimizer.learning_rate": (0.1, 0.2)},
        {"optimizer": (Momentum(0.1),), "training.epochs": (2,),
         "probes": ((probes.Weights(1),),),
         "task.mislabelled": (0.25,)},
    ),
    seeds=6, block=4, derive={"twice": lambda c: 2 * c.batch_size},
)
"""


@pytest.fixture
def mixed(tmp_path: Path) -> xr.Dataset:
    """Conditions that differ in length, steps, settings and series; one has fewer runs."""
    resolved = load_file(written(tmp_path, MIXED, "mixed")).resolve()
    results = Results.at(resolved, tmp_path)
    blocks = results.all_blocks()[:-1]
    numbers = {block.filename: number for number, block in enumerate(blocks)}

    def numbered(block: Block) -> dict[str, np.ndarray]:
        shape = (block.count, block.condition.training.epochs + 1)
        steps = np.full((*shape, block.condition.steps_per_epoch), 1, np.float32)
        made = {
            name: np.full((block.count, *one_run), numbers[block.filename], np.float32)
            for name, one_run in recorded(block.condition).known.items()
        }
        weights = {"step_weight_0": steps} if block.condition.probes else {}
        return made | {"step_loss": steps} | weights

    store(results, numbered, blocks)
    return benchmark.load("mixed", results=tmp_path, scenarios=[tmp_path])


def test_load_joins_conditions_of_every_shape(mixed: xr.Dataset):
    assert dict(mixed.sizes) == {"condition": 5, "run": 6, "epoch": 4, "step": 4}
    assert mixed["train_loss"].dims == ("condition", "run", "epoch")
    assert mixed["step_loss"].dims == ("condition", "run", "epoch", "step")
    assert mixed["run"].values.tolist() == list(range(6))
    assert mixed[BATCH].values.tolist() == [4, 4, 8, 8, 4]
    assert mixed["twice"].values.tolist() == [8, 8, 16, 16, 8]
    assert mixed[RATE].values.tolist() == [0.1, 0.2, 0.1, 0.2, 0.1]
    assert mixed["optimizer"].values.tolist() == ["SGD"] * 4 + ["Momentum"]
    np.testing.assert_array_equal(mixed["optimizer.momentum"], [np.nan] * 4 + [0.9])
    np.testing.assert_array_equal(mixed["task.mislabelled"], [np.nan] * 4 + [0.25])
    assert "sources.order" not in mixed.coords, "nowhere set"
    loss = mixed["train_loss"]
    # Two blocks each: seeds 0 … 3 and 4, 5.
    np.testing.assert_array_equal(loss[:, 0, 0], [0, 2, 4, 6, 8])
    np.testing.assert_array_equal(loss[:4, 5, 3], [1, 3, 5, 7])
    assert np.isnan(loss[4, :, 3]).all() and not np.isnan(loss[4, :4, :3]).any()
    assert np.isnan(loss[4, 4:]).all(), "runs that are not stored"
    steps = np.isfinite(mixed["step_loss"].values[:, 0, 1]).sum(1)
    assert steps.tolist() == [4, 4, 2, 2, 4]
    weights = np.isfinite(mixed["step_weight_0"].values).any((1, 2, 3))
    assert weights.tolist() == [False] * 4 + [True]
    assert mixed["train_loss"].attrs["units"] == "nat or squared target"


def test_tidy_has_a_row_for_every_epoch_of_every_run(mixed: xr.Dataset):
    table = benchmark.tidy(mixed)
    assert len(table) == 4 * 6 * 4 + 4 * 3
    assert {"condition", "run", "epoch", "train_loss", BATCH, RATE, "twice"} <= set(table)
    assert "step_loss" not in table and "step" not in table
    row = table[(table[BATCH] == 8) & (table[RATE] == 0.2) & (table["run"] == 5)]
    assert row["train_loss"].tolist() == [7.0] * 4
    assert row["epoch"].tolist() == [0, 1, 2, 3]


def test_load_takes_fewer_seeds_and_survives_a_round_trip(mixed, tmp_path: Path):
    few = benchmark.load("mixed", results=tmp_path, scenarios=[tmp_path], seeds=2)
    xr.testing.assert_equal(few["train_loss"], mixed["train_loss"].isel(run=slice(2)))
    few.to_netcdf(tmp_path / "all.nc", engine="h5netcdf")
    with xr.open_dataset(tmp_path / "all.nc", engine="h5netcdf") as again:
        xr.testing.assert_equal(again, few)


def test_load_says_what_is_not_there(tmp_path: Path):
    (tmp_path / "mixed.py").write_text(MIXED)
    with pytest.raises(UserError, match="Run it first: python -m benchmark run mixed"):
        benchmark.load("mixed", results=tmp_path, scenarios=[tmp_path])
    with pytest.raises(UserError, match="Did you mean 'mixed'"):
        benchmark.load("mixt", results=tmp_path, scenarios=[tmp_path])
