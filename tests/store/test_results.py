"""Which blocks are there, and which are computed."""

import dataclasses
import os
from pathlib import Path

import numpy as np
import pytest

from benchmark import Scenario, UserError
from benchmark.declare.load import load_file
from benchmark.execution import run as execution
from benchmark.execution.run import Options, Report
from benchmark.execution.run import run as execute
from benchmark.store.results import Results
from helpers.shell import python
from helpers.stored import Heard

# --- folders and disks --------------------------------------------------------------------


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
    ended = python(LIMITED, *command, *folders)
    assert ended.returncode == 2
    # Where it takes long, progress is told before.
    said = ended.stderr.strip().splitlines()[-1]
    assert "Traceback" not in ended.stderr
    assert "could not be written: File too large. Blocks stored before are kept" in said
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
