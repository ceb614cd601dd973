"""A block on disk: whole or not there, verified, and easy to read."""

import errno
import json
import os
import socket
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import numpy as np
import pytest
import xarray as xr
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from benchmark import MLP, SGD, Condition, Digits, Training, UserError
from benchmark.declare.identity import canonical, code_digest
from benchmark.store import files
from benchmark.store.blocks import Block, Made, to_dataset
from benchmark.store.files import prepare, read, set_aside, write

EPOCHS, STEPS = 3, 4

CONDITION = Condition(
    Digits(n_train=16, n_validation=8), MLP((4,)), SGD(0.1), Training(EPOCHS, batch_size=4)
)


def series(runs: int, seed: int = 0) -> dict[str, np.ndarray]:
    rng = np.random.default_rng(seed)
    loss = rng.standard_normal((runs, EPOCHS + 1)).astype(np.float32)
    steps = rng.standard_normal((runs, EPOCHS + 1, STEPS)).astype(np.float32)
    steps[:, 0] = np.nan
    loss[0, 2] = np.inf
    return {"train_loss": loss, "train_accuracy": abs(loss), "step_loss": steps}


def block(first: int = 0, count: int = 3) -> Block:
    return Block("made_up", 1, CONDITION, first, count)


def stored(folder: Path, first: int = 0, count: int = 3, seed: int = 0) -> Path:
    path = folder / block(first, count).filename
    write(path, to_dataset(block(first, count), series(count, seed), Made("cpu: x", 1, 0.5)))
    return path


# --- one block ----------------------------------------------------------------------------


def test_round_trip(tmp_path: Path):
    path = stored(tmp_path, first=6)
    held = read(path)
    assert held is not None
    assert held.seeds.tolist() == [6, 7, 8]
    expected = series(3)
    assert held.series.keys() == expected.keys()
    for name, given_ in expected.items():
        assert held.series[name].dtype == given_.dtype
        np.testing.assert_array_equal(held.series[name], given_)
    assert list(tmp_path.iterdir()) == [path], "nothing else is left behind"


def test_any_netcdf_reader_understands_a_block(tmp_path: Path):
    with xr.open_dataset(stored(tmp_path, first=6), engine="h5netcdf") as dataset:
        assert dict(dataset.sizes) == {"run": 3, "epoch": EPOCHS + 1, "step": STEPS}
        assert dataset["train_loss"].dims == ("run", "epoch")
        assert dataset["step_loss"].dims == ("run", "epoch", "step")
        assert dataset["run"].values.tolist() == [6, 7, 8]
        assert dataset["epoch"].values.tolist() == list(range(EPOCHS + 1))
        assert dataset["train_accuracy"].attrs["units"] == "1"
        assert "nat" in dataset["step_loss"].attrs["units"]
        attributes = dataset.attrs
        assert json.loads(attributes["condition"]) == canonical(CONDITION, whole=True)
        versions = json.loads(attributes["versions"])
        assert versions["jax"] == version("jax") and versions["numpy"] == np.__version__
        assert attributes["code"] == code_digest(CONDITION)
        assert attributes["device"] == "cpu: x"
        assert (attributes["lanes"], attributes["seconds"]) == (1, 0.5)
        assert (attributes["scenario"], attributes["scenario_version"]) == ("made_up", 1)


@pytest.mark.parametrize("share", [0.0, 0.3, 0.9, 0.99])
def test_a_truncated_file_is_damaged(tmp_path: Path, share: float):
    path = stored(tmp_path)
    whole = path.read_bytes()
    path.write_bytes(whole[: int(share * len(whole))])
    assert read(path) is None


@settings(
    max_examples=60,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(place=st.floats(0, 1, exclude_max=True), bit=st.integers(0, 7))
def test_a_flipped_bit_is_damage(tmp_path: Path, place, bit):
    path = stored(tmp_path)
    whole = bytearray(path.read_bytes())
    whole[int(place * len(whole))] ^= 1 << bit
    path.write_bytes(whole)
    assert read(path) is None


def test_a_file_without_a_seal_is_damaged(tmp_path: Path):
    path = tmp_path / "bare.nc"
    made = to_dataset(block(), series(3), Made("cpu", 1, 0.5))
    made.to_netcdf(path, engine="h5netcdf")
    assert read(path) is None
    write(path, made)
    assert read(path) is not None


def test_something_else_is_damaged(tmp_path: Path):
    path = tmp_path / "x.nc"
    path.write_text("no netCDF")
    assert read(path) is None
    xr.Dataset({"a": ("x", [1.0])}).to_netcdf(path, engine="h5netcdf")
    assert read(path) is None


def test_damaged_files_are_set_aside_each_under_its_own_name(tmp_path: Path):
    told: list[str] = []
    for content in ("first", "second", "third"):
        (tmp_path / "x.nc").write_text(content)
        set_aside(tmp_path / "x.nc", told.append)
    names = ["x.nc.damaged", "x.nc.damaged2", "x.nc.damaged3"]
    assert [(tmp_path / n).read_text() for n in names] == ["first", "second", "third"]
    assert (
        told[1] == "x.nc is damaged; it was set aside as x.nc.damaged2 and is computed again."
    )


# --- folders and disks --------------------------------------------------------------------


def test_what_dead_processes_left_is_cleared_and_the_living_are_let_alone(tmp_path: Path):
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    here = socket.gethostname()
    dead = tmp_path / f"a.nc.{here}.{gone.pid}.part"
    living = tmp_path / f"a.nc.{here}.{os.getppid()}.part"
    elsewhere = tmp_path / f"a.nc.another-{here}.{gone.pid}.part"
    strange = tmp_path / "thesis.part"
    for path in (dead, living, elsewhere, strange):
        path.write_bytes(b"x")
    prepare(tmp_path)
    assert sorted(tmp_path.iterdir()) == sorted([living, elsewhere, strange])


def test_a_full_disk_leaves_what_was_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    first = stored(tmp_path)
    before = first.read_bytes()

    def full(handle: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(files.os, "fsync", full)
    for seed_of_another, first_seed in ((1, 0), (0, 3)):
        with pytest.raises(UserError, match="No space left on device.*are kept; make room"):
            stored(tmp_path, first_seed, seed=seed_of_another)
    assert list(tmp_path.iterdir()) == [first]
    assert first.read_bytes() == before
