"""Runs with real processes: killed, interrupted, shared, stalled; never different."""

import os
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from benchmark.store.files import read
from helpers.processes import (
    BLOCKS,
    FAULTY,
    complete,
    digests,
    end,
    files,
    gone,
    in_the_middle,
    start,
    wait_for,
    workers_of,
)

# --- the same numbers whatever happens ----------------------------------------------------

ENDURED = 20
"""Seconds without progress; what is well must not need them, however busy the machine."""


def test_every_run_is_its_own(reference: dict[str, str], place: Path):
    assert len(set(reference.values())) == BLOCKS, "seeds and conditions differ"
    for path in (place / "reference" / "steady").glob("*.nc"):
        stored = read(path)
        assert stored is not None
        first, second = stored.series["train_loss"]
        assert not np.array_equal(first, second)


@pytest.mark.parametrize("device", ["auto", "inline"])
def test_classes_of_one_name_in_two_files_are_two_classes(place: Path, tmp_path: Path, device):
    more = ("still", "--shard", "1/1", "--device", device)
    status, out, err = end(start(place, "learning", tmp_path, *more))
    assert status == 0 and "Computed 8 blocks" in out, err
    for name, learns in (("learning", True), ("still", False)):
        paths = list((tmp_path / name).glob("*.nc"))
        assert len(paths) == 4
        for path in paths:
            stored = read(path)
            assert stored is not None
            losses = stored.series["train_loss"]
            assert (np.ptp(losses, axis=1) > 0).all() == learns
            assert stored.series["rate_factor"].max() == 0.5
    codes = {
        str(stored.attributes["code"])
        for path in tmp_path.glob("*/*.nc")
        if (stored := read(path)) is not None
    }
    assert len(codes) == 2, "and what made them is not the same code"


def test_neither_workers_nor_processes_change_a_bit(place: Path, tmp_path: Path, reference):
    complete(place, tmp_path / "inline", "--device", "inline")
    assert digests(tmp_path / "inline") == reference
    if hasattr(os, "sched_setaffinity"):
        core = str(min(os.sched_getaffinity(0)))
        complete(place, tmp_path / "one", cores=core)
        assert digests(tmp_path / "one") == reference


def test_killed_and_run_again(place: Path, tmp_path: Path, reference):
    process, family = in_the_middle(place, tmp_path)
    assert workers_of(process)
    os.kill(process.pid, signal.SIGKILL)
    _, _, err = end(process)
    assert "resource_tracker" not in err, "what outlives a killed run says nothing"
    wait_for(lambda: gone(family))
    kept = files(tmp_path)
    assert 2 <= len(kept) < BLOCKS
    out = complete(place, tmp_path)
    assert f"Computed {BLOCKS - len(kept)} blocks" in out
    assert f"{len(kept)} were stored" in out
    assert kept.items() <= files(tmp_path).items(), "what was stored is not computed again"
    assert digests(tmp_path) == reference
    assert not list(tmp_path.rglob("*.part"))


def test_a_worker_is_killed(place: Path, tmp_path: Path, reference):
    process, _ = in_the_middle(place, tmp_path)
    workers_of(process)[0].kill()
    status, _, err = end(process)
    assert status == 0, err
    assert "Traceback" not in err
    assert digests(tmp_path) == reference


def test_interrupted_and_run_again(place: Path, tmp_path: Path, reference):
    process, family = in_the_middle(place, tmp_path)
    # As a terminal does it: to the whole group, workers included.
    os.killpg(process.pid, signal.SIGINT)
    status, _, err = end(process)
    assert status == 130
    assert "Traceback" not in err
    wait_for(lambda: gone(family))
    kept = files(tmp_path)
    assert 2 <= len(kept) < BLOCKS
    said = err.strip().splitlines()[-1]
    told, _, rest = said.removeprefix("Interrupted. ").partition(" of ")
    # One may have been on its way to the disk when the signal came.
    assert len(kept) - int(told) in (0, 1)
    assert f"{BLOCKS} blocks of this run are stored and kept in" in rest
    assert str(tmp_path / "steady") in said
    assert "the same command goes on from there" in said
    complete(place, tmp_path)
    assert kept.items() <= files(tmp_path).items()
    assert digests(tmp_path) == reference


def test_two_runs_into_one_folder(place: Path, tmp_path: Path, reference):
    both = [start(place, "steady", tmp_path) for _ in range(2)]
    told = 0
    for process in both:
        status, _, err = end(process)
        assert status == 0, err
        assert "damaged" not in err
        told += f"Another run is at work on {tmp_path / 'steady'}" in err
    assert told == 1, "the second says that the first is at work"
    assert digests(tmp_path) == reference
    assert not list(tmp_path.rglob("*.part"))


# --- what goes wrong with one does not touch the others -----------------------------------


@pytest.fixture(scope="module", autouse=True)
def faulty(
    place: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[subprocess.Popen, Path]]:
    """A run that must be waited for, and its results; begun before the other tests are."""
    folder = tmp_path_factory.mktemp("faulty")
    process = start(place, "faulty", folder, "--patience", f"{ENDURED}")
    yield process, folder
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate()


def test_stalled_and_raising_blocks_are_reported(
    place: Path, faulty: tuple[subprocess.Popen, Path]
):
    process, folder = faulty
    status, out, err = end(process)
    assert status == 1
    assert "Traceback" not in err
    assert "Computed 1 blocks" in out
    (stored,) = (folder / "faulty").glob("*.nc")
    held = read(stored)
    assert held is not None and '"fault": ""' in held.attributes["condition"]
    assert f"1 blocks failed: no progress for {ENDURED} seconds, 2 times; given up" in err
    line = 1 + FAULTY[: FAULTY.index("raise RuntimeError")].count("\n")
    path = place / "scenarios" / "faulty.py"
    assert f"RuntimeError: the sensor is unplugged ({path}, line {line})" in err
