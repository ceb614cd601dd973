"""Results on disk: whole or not there, verified, never lost, and easy to read."""

import dataclasses
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

import benchmark
from benchmark import (
    MLP,
    SGD,
    Condition,
    Digits,
    Scenario,
    Training,
    UserError,
)
from benchmark.declare.identity import canonical, code_digest
from benchmark.declare.load import load_file
from benchmark.declare.series import recorded
from benchmark.execution import run as execution
from benchmark.execution.run import Options, Report
from benchmark.execution.run import run as execute
from benchmark.store import files
from benchmark.store.blocks import Block, Made, to_dataset
from benchmark.store.files import prepare, read, set_aside, write
from benchmark.store.results import Results

ROOT = Path(benchmark.__file__).parents[1]
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


def test_the_code_digest_is_of_what_makes_results():
    assert len(code_digest()) == 12 and int(code_digest(), 16) >= 0


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


def unwritable(tmp_path: Path) -> list[Path]:
    """Folders that nobody can write, root included."""
    (tmp_path / "file").write_text("")
    system = [Path("/sys/results")] if Path("/sys/kernel").is_dir() else []
    return [tmp_path / "file", tmp_path / "file" / "below", *system]


def test_an_unwritable_folder_is_refused_before_anything_is_computed(tmp_path, monkeypatch):
    monkeypatch.setattr(execution, "_compute", lambda *_: pytest.fail("computed"))
    for folder in unwritable(tmp_path):
        with pytest.raises(UserError, match="cannot be written.*--results") as raised:
            execute(tiny(tmp_path, 2).resolve(), folder, Options("inline"))
        assert str(folder) in str(raised.value)
        assert "\n" not in str(raised.value)


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


LIMITED = """
import os, resource, sys
resource.setrlimit(resource.RLIMIT_FSIZE, (8192, 8192))
os.execv(sys.executable, [sys.executable, "-m", "benchmark", *sys.argv[1:]])
"""


@pytest.mark.skipif(os.name != "posix", reason="limits of file size are POSIX")
def test_no_room_for_a_file_is_one_sentence(tmp_path: Path):
    compute(tmp_path, 2)
    (there,) = (tmp_path / "results" / "tiny").glob("*.nc*")
    before = there.read_bytes()
    assert len(before) > 8192, "or the limit would not bite"
    command = ["run", "tiny", "--seeds", "4", "--device", "inline"]
    folders = ["--scenarios", str(tmp_path), "--results", str(tmp_path / "results")]
    ended = subprocess.run(
        [sys.executable, "-c", LIMITED, *command, *folders],
        cwd=ROOT,
        env={**os.environ, "BENCHMARK_CACHE": ""},
        capture_output=True,
        text=True,
    )
    assert ended.returncode == 2
    assert len(ended.stderr.strip().splitlines()) == 1
    assert "could not be written: File too large. Blocks stored before are kept" in ended.stderr
    assert list((tmp_path / "results" / "tiny").glob("*.nc*")) == [there]
    assert there.read_bytes() == before


# --- which blocks are there ---------------------------------------------------------------

TINY = """
from benchmark import SGD, Condition, Point, Quadratic, Scenario, Training

scenario = Scenario(
    question="?", says=".",
    base=Condition(Quadratic(), Point(), SGD(0.1), Training(epochs=2, batch_size=4)),
    seeds=8, block=BLOCK,
)
"""


def tiny(folder: Path, block: int) -> Scenario:
    path = folder / "tiny.py"
    path.write_text(TINY.replace("BLOCK", str(block)))
    return load_file(path)


class Heard(execution.Silent):
    def __init__(self) -> None:
        self.said: list[str] = []

    def tell(self, message: str) -> None:
        self.said.append(message)


def compute(folder: Path, seeds: int, block: int = 16) -> tuple[Report, list[str]]:
    heard = Heard()
    resolved = tiny(folder, block).resolve(seeds=seeds)
    report = execute(resolved, folder / "results", Options("inline"), heard)
    return report, heard.said


def held(folder: Path, seeds: int, block: int = 16) -> np.ndarray:
    resolved = tiny(folder, block).resolve(seeds=seeds)
    (runs,) = Results.at(resolved, folder / "results").all_runs()
    assert runs.seeds.tolist() == list(range(seeds))
    return runs.series["train_loss"]


def marks(folder: Path) -> dict[str, tuple[int, int]]:
    found = (folder / "results" / "tiny").glob("*.nc")
    return {p.name[-8:-3]: (p.stat().st_ino, p.stat().st_mtime_ns) for p in found}


def test_more_seeds_extend_what_is_there(tmp_path: Path):
    assert compute(tmp_path, 8, block=8)[0] == Report(1, 0, {})
    before, eight = marks(tmp_path), held(tmp_path, 8, block=8)
    assert compute(tmp_path, 24, block=8)[0] == Report(2, 1, {})
    after = marks(tmp_path)
    assert list(sorted(after)) == ["00000", "00008", "00016"]
    assert after["00000"] == before["00000"], "what is there is not computed again"
    np.testing.assert_array_equal(held(tmp_path, 24, block=8)[:8], eight)
    # Fewer seeds are the first of them, and nothing is thrown away.
    assert compute(tmp_path, 12, block=8)[0] == Report(0, 2, {})
    assert held(tmp_path, 12, block=8).shape == (12, 3)
    assert marks(tmp_path) == after


def test_a_block_that_is_too_short_is_computed_in_full(tmp_path: Path):
    compute(tmp_path, 8)
    eight = held(tmp_path, 8)
    assert compute(tmp_path, 24)[0] == Report(2, 0, {})
    np.testing.assert_array_equal(held(tmp_path, 24)[:8], eight)
    assert compute(tmp_path, 24) == (Report(0, 2, {}), [])


@pytest.mark.parametrize("damage", ["truncated", "flipped"])
def test_a_damaged_block_is_set_aside_and_computed_again(tmp_path: Path, damage: str):
    compute(tmp_path, 4, block=2)
    before = marks(tmp_path)
    numbers = held(tmp_path, 4, block=2)
    path = next((tmp_path / "results" / "tiny").glob("*seed00002.nc"))
    whole = bytearray(path.read_bytes())
    if damage == "truncated":
        whole = whole[: len(whole) // 2]
    else:
        whole[len(whole) // 2] ^= 16
    path.write_bytes(whole)
    report, said = compute(tmp_path, 4, block=2)
    assert report == Report(1, 1, {})
    (sentence,) = said
    assert path.name in sentence and f"{path.name}.damaged" in sentence
    assert path.with_name(f"{path.name}.damaged").read_bytes() == bytes(whole)
    assert marks(tmp_path)["00000"] == before["00000"]
    np.testing.assert_array_equal(held(tmp_path, 4, block=2), numbers)


def test_other_code_is_a_warning_and_no_reason_to_compute(tmp_path: Path, monkeypatch):
    compute(tmp_path, 4, block=2)
    before = marks(tmp_path)
    monkeypatch.setattr("benchmark.store.results.code_digest", lambda *_: "of tomorrow")
    report, said = compute(tmp_path, 4, block=2)
    assert report == Report(0, 2, {})
    assert said == [
        "2 stored blocks were made by other code than today's; they are kept. "
        "Give another folder with --results to compute them anew."
    ]
    assert marks(tmp_path) == before


def test_a_new_version_is_a_new_result(tmp_path: Path):
    old = tiny(tmp_path, 2).resolve()
    new = dataclasses.replace(tiny(tmp_path, 2), version=2).resolve()
    names = [{b.filename for b in Results.at(r, tmp_path).all_blocks()} for r in (old, new)]
    assert len(names[0]) == len(names[1]) == 4 and not names[0] & names[1]


# --- for people ---------------------------------------------------------------------------

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
    (tmp_path / "mixed.py").write_text(MIXED)
    scenario = load_file(tmp_path / "mixed.py")
    results = Results.at(scenario.resolve(), tmp_path)
    prepare(results.folder)
    for number, each in enumerate(results.all_blocks()[:-1]):
        training = each.condition.training
        shape = (each.count, training.epochs + 1)
        steps = np.full((*shape, each.condition.steps_per_epoch), 1, np.float32)
        made = {
            name: np.full((each.count, *one_run), number, np.float32)
            for name, one_run in recorded(each.condition).known.items()
        } | {"step_loss": steps}
        if each.condition.probes:
            made["step_weight_0"] = steps
        write(results.path(each), to_dataset(each, made, Made("cpu", 1, 0.0)))
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
