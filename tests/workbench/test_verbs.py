"""Running and looking, from Python."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from matplotlib.figure import Figure

import benchmark as bm
from helpers.scenarios import written
from helpers.shell import Shell

TINY = """
from benchmark import (
    SGD, Claim, Condition, Decreases, Jitter, Level, Point, Quadratic, Scenario, Training,
)
scenario = Scenario(
    question="Does the jitter fall?",
    says="It does.",
    base=Condition(Quadratic(n_train=8), Point(), SGD(0.2), Training(epochs=8, batch_size=4)),
    vary={"training.batch_size": (1, 8)},
    claims=(
        Claim("falls", "The jitter falls with the batch size.", Jitter("train_loss"),
              Decreases("training.batch_size")),
    ),
    show=(Level("train_loss"),),
    seeds=6,
    block=4,
)
"""

INLINE = bm.Options("inline")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return written(tmp_path_factory.mktemp("workbench"), TINY, "tiny").parent


@pytest.fixture(scope="module")
def places(folder: Path) -> dict[str, Any]:
    """Where the scenario is, and its results, which are there; as texts, as one types them."""
    where: dict[str, Any] = {"scenarios": str(folder), "results": str(folder / "results")}
    report = bm.run("tiny", options=INLINE, progress=False, **where)
    assert (report.computed, report.kept) == (4, 0)
    return where


# --- running ------------------------------------------------------------------------------


def test_a_second_run_computes_nothing(places: dict[str, Any], capsys):
    report = bm.run(["tiny"], options=INLINE, **places)
    assert (report.computed, report.kept) == (0, 4)
    assert capsys.readouterr().err == ""


def test_progress_is_shown_unless_it_is_not_wanted(folder: Path, tmp_path: Path, capsys):
    where: dict[str, Any] = {"scenarios": folder, "results": tmp_path}
    bm.run("tiny", options=INLINE, seeds=2, **where)
    assert capsys.readouterr().err.splitlines()[-1] == "100%  2 blocks stored"
    bm.run("tiny", options=INLINE, seeds=3, progress=False, **where)
    assert capsys.readouterr().err == ""


def test_a_scenario_itself_is_run(folder: Path, tmp_path: Path):
    scenario = bm.find("tiny", [folder])
    assert bm.run(scenario, tmp_path, options=INLINE, progress=False, seeds=2).computed == 2
    held = bm.load(scenario, results=tmp_path, seeds=2)
    assert held.sizes["run"] == 2
    resolved = scenario.resolve(seeds=2)
    assert bm.run(resolved, tmp_path, options=INLINE, progress=False).kept == 2
    # The reference is of other runs than these.
    with pytest.raises(bm.UserError, match="Nothing of 'quadratic' is stored"):
        bm.load(bm.find("quadratic").resolve(seeds=2), results=None)
    with pytest.raises(bm.UserError, match="resolved already"):
        bm.run(resolved, tmp_path, seeds=3)
    with pytest.raises(bm.UserError, match="has no name"):
        bm.run(scenario.named(""), tmp_path)
    with pytest.raises(bm.UserError, match="is int, but must be a name or a Scenario"):
        bm.load(3)  # pyright: ignore[reportArgumentType]


def test_a_script_needs_no_main_guard(folder: Path, tmp_path: Path):
    script = tmp_path / "script.py"
    script.write_text(
        "import benchmark as bm\n"
        f"report = bm.run('tiny', {str(tmp_path)!r}, scenarios={str(folder)!r}, seeds=2)\n"
        "print('computed', report.computed)\n"
    )
    call = [sys.executable, str(script)]
    ended = subprocess.run(call, capture_output=True, text=True, cwd=tmp_path, timeout=300)
    assert ended.stdout == "computed 2\n", ended.stderr
    assert "Traceback" not in ended.stderr


# --- looking ------------------------------------------------------------------------------


def test_runs_as_a_dataset_and_a_table(places: dict[str, Any]):
    held = bm.load("tiny", **places)
    assert dict(held.sizes) == {"condition": 2, "run": 6, "epoch": 9, "step": 8}
    table = bm.tidy(held)
    assert len(table) == 2 * 6 * 9 and "optimizer.learning_rate" in table
    few = bm.tidy(held, varying_only=True)
    assert "training.batch_size" in few and "optimizer.learning_rate" not in few
    assert len(few) == len(table)


def test_measures_as_a_table(places: dict[str, Any]):
    table = bm.summary("tiny", **places)
    assert list(table.measure) == ["level(train_loss)"] * 2
    assert list(table["training.batch_size"]) == [1, 8]
    assert list(table.runs) == [6, 6]
    assert (table.low < table.estimate).all() and (table.estimate < table.high).all()
    assert table.words[0] == "mean training loss"
    held = bm.load("tiny", **places)
    levels = bm.Level("train_loss").evaluate({"train_loss": held["train_loss"].values[0]})
    assert table.estimate[0] == pytest.approx(float(np.exp(np.log(levels).mean())), rel=1e-6)
    every = bm.summary("tiny", every=True, **places)
    assert {"jitter(train_loss)", "level(train_loss)"} < set(every.measure)


def test_verdicts_as_a_table(places: dict[str, Any]):
    table = bm.verdicts("tiny", **places)
    assert list(table.index) == ["falls"]
    row = table.loc["falls"]
    assert row.says == "The jitter falls with the batch size."
    assert row.verdict in ("supported", "undecided") and row.low <= row.estimate <= row.high
    assert "below 0" in row.expected


def test_figures_to_look_at(places: dict[str, Any]):
    figures = bm.draw("tiny", **places)
    assert list(figures) == ["curves", "dose", "verdicts"]
    assert all(isinstance(figure, Figure) for figure in figures.values())
    assert not (Path(places["results"]) / "tiny" / "figures").exists()


def test_the_reference_stands_in(tmp_path: Path, capsys):
    held = bm.load("quadratic", results=None)
    assert "from the reference results" in capsys.readouterr().err
    assert "sketches" in held.attrs["curves"]
    assert held.sizes["run"] == 1000
    measures = [name for name in held.data_vars if "(" in str(name)]
    assert measures and not np.isnan(held[measures[0]]).all()
    assert len(bm.tidy(held)) > 0
    assert len(bm.verdicts("quadratic")) > 5


def test_what_is_not_stored_is_said_with_the_command_that_makes_it(places: dict[str, Any]):
    with pytest.raises(bm.UserError) as told:
        bm.load("tiny", overrides={"training.epochs": [2, 3]}, **places)
    assert (
        f"python -m benchmark run tiny --set training.epochs=2,3 --results {places['results']} "
        f"--scenarios {places['scenarios']}"
    ) in str(told.value)


# --- variants -----------------------------------------------------------------------------


def test_what_was_run_with_overrides_is_found_again(shell: Shell, folder: Path, tmp_path: Path):
    where: dict[str, Any] = {"scenarios": str(folder), "results": str(tmp_path)}
    changes = {"training.batch_size": [2, 4], "optimizer.learning_rate": 0.1}
    bm.run("tiny", overrides=changes, seeds=2, options=INLINE, progress=False, **where)
    flags = ["--results", tmp_path, "--scenarios", folder]
    (row,) = shell("status", "tiny", "--json", *flags).json
    (variant,) = row["variants"]
    assert row["status"] == "not run"
    assert (variant["blocks_done"], variant["blocks"]) == (2, 2)
    said = "--seeds 2 --set training.batch_size=2,4 --set optimizer.learning_rate=0.1"
    assert sorted(variant["flags"].split(" --")) == sorted(said.split(" --"))
    name = variant["name"]
    assert f"variant {name}" in shell("status", "tiny", *flags).out
    assert shell("list", "--json", *flags).json[-1]["variants"] == 1

    held = bm.load("tiny", variant=name, **where)
    assert sorted(held["training.batch_size"].values) == [2, 4]
    assert (held["optimizer.learning_rate"] == 0.1).all()
    assert len(bm.verdicts("tiny", variant=name[:3], **where)) == 1
    told = shell("summary", "tiny", "--variant", name, *flags)
    assert told.status == 0 and "falls" in told.out
    assert shell("figures", "tiny", "--variant", name, *flags).status == 0
    told = shell("summary", "tiny", *flags)
    assert told.status == 2 and f"Stored as variants: {name} (" in told.err
    told = shell("summary", "tiny", "--variant", name, "--seeds", "4", *flags)
    assert told.status == 2 and "give either these or its name" in told.err
    with pytest.raises(bm.UserError, match="'beef', but must be the beginning of exactly one"):
        bm.load("tiny", variant="beef", **where)


def test_half_a_shard_is_told(shell: Shell, folder: Path, tmp_path: Path):
    flags = ["--results", tmp_path, "--scenarios", folder]
    half = bm.Options("inline", shard="1/2")
    bm.run("tiny", tmp_path, scenarios=folder, options=half, progress=False)
    for path in list(tmp_path.glob("tiny/*.nc"))[1:]:
        path.unlink()
    (row,) = shell("status", "tiny", "--json", *flags).json
    assert row["shards"] == [{"shard": "1/2", "blocks_done": 1, "blocks": 2}]
    assert row["variants"] == []


def test_a_scenario_tells_of_itself_in_a_few_lines(folder: Path):
    scenario = bm.find("tiny", [folder])
    assert repr(scenario).splitlines() == [
        "Scenario 'tiny' (own): Does the jitter fall?",
        "  2 conditions × 6 seeds, scale quick",
        "  varies training.batch_size (2)",
        "  claims: falls",
    ]
    page = bm.find("tiny", [folder]).named("<i>")._repr_html_()
    assert "<td" in page and "1, 8" in page and "&lt;i&gt;" in page and "<i>" not in page
