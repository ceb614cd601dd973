"""`causes`."""

from pathlib import Path

import pytest

from helpers.scenarios import computed, written
from helpers.shell import Shell

SMALL = """
from benchmark import (
    SGD, Cause, Claim, Condition, Cure, Decreases, Jitter, Point, Quadratic, Scenario, Training,
)

BATCH = "training.batch_size"
scenario = Scenario(
    question="Does a small batch jump?",
    says="A small batch is said to make the loss jump.",
    base=Condition(Quadratic(n_train=64), Point(), SGD(0.2), Training(epochs=16, batch_size=4)),
    vary={BATCH: (2, 32)},
    claims=(Claim("falls", "It falls.", Jitter("validation_loss"), Decreases(BATCH)),),
    causes=(Cause("small batch", {BATCH: 32}, {BATCH: 2}),),
    cures=(Cure("larger batch", "small batch", {BATCH: 2}, {BATCH: 32}),),
    seeds=8,
)
"""


@pytest.fixture(scope="module")
def stored(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """Options of a catalogue with one small scenario that is computed."""
    folder = tmp_path_factory.mktemp("causes")
    computed(written(folder / "own", SMALL, "small"), folder / "results")
    return ["--results", str(folder / "results"), "--scenarios", str(folder / "own")]


def test_causes_are_printed_and_drawn(shell: Shell, stored: list[str]):
    status, out, _ = shell("causes", *stored)
    assert status == 0
    for words in ("What each cause does", "What each cure does", "small batch", "larger batch"):
        assert words in out
    paths = [Path(word) for word in out.split("figures:")[1].split()]
    assert [path.stem for path in paths] == ["causes", "cures"]
    assert all(path.stat().st_size > 1000 for path in paths)


def test_causes_are_data(shell: Shell, stored: list[str]):
    found = shell("causes", "--json", *stored).json
    assert found["scenarios"] == ["small"] and found["confusion"] == []
    (cause,), (cure,) = found["causes"], found["cures"]
    jitter = cause["effects"][0]
    assert jitter["low"] > 1, "a batch of 2 jumps more than one of 32"
    assert jitter["estimate"] * cure["effects"][0]["estimate"] == pytest.approx(1.0)
    assert cause["effects"][3]["estimate"] is None, "a regression has no accuracy"
    summary = shell("summary", "small", "--json", *stored).json
    assert {"causes", "cures", "fingerprints", "confusion"} <= summary.keys()


def test_nothing_stored_is_said(shell: Shell, tmp_path: Path):
    assert "run a scenario first" in shell.refuses("causes", "--results", tmp_path)
