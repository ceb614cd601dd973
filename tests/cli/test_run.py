"""`run`: what is missing, and the answer."""

from pathlib import Path

import pytest

from helpers.shell import Shell


def test_run_on_finished_work_computes_nothing(
    shell: Shell, places, results: Path, monkeypatch
):
    before = {p: p.stat().st_mtime_ns for p in (results / "small").glob("*.nc")}
    assert len(before) == 6
    monkeypatch.setattr(
        "benchmark.execution.run._compute", lambda *_: pytest.fail("something is computed")
    )
    status, out, err = shell("run", "small", "--no-figures", *places)
    assert (status, err) == (0, "")
    assert "Computed" not in out
    assert "Does a small question have a small answer?" in out
    assert before == {p: p.stat().st_mtime_ns for p in (results / "small").glob("*.nc")}


def test_run_computes_what_is_missing_and_shows_the_answer(shell: Shell, folder, tmp_path):
    places = ["--scenarios", str(folder), "--results", str(tmp_path)]
    options = ["--device", "inline", "--seeds", "2", "--set", "training.epochs=4"]
    status, out, err = shell("run", "small", *options, *places)
    assert status == 0, err
    assert "Computed 3 blocks" in out and "0 were stored" in out
    for part in ("small", "falls", "in-bounds", "figures: "):
        assert part in out
    figures = [Path(p) for p in out.rpartition("figures: ")[2].split()]
    assert figures and all(path.is_file() for path in figures)
    assert "100%  3 blocks stored" in err
