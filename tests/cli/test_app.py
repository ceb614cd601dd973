"""The command line: what it prints, and what it says to mistakes."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from shell import Shell

import benchmark
from benchmark.declare.load import load_file
from benchmark.declare.places import scenario_files
from benchmark.execution.run import run as execute

ROOT = Path(benchmark.__file__).parents[1]
NAMES = list(scenario_files())

SMALL = """
from benchmark import (
    SGD, Claim, Condition, Decreases, Level, Point, Quadratic, RiseFraction, Scenario, Training,
    Within,
)

scenario = Scenario(
    question="Does a small question have a small answer?",
    says="Post A says so.",
    family="case",
    base=Condition(Quadratic(n_train=8), Point(), SGD(0.2), Training(epochs=8, batch_size=4)),
    vary={"training.batch_size": (1, 2, 8)},
    claims=(
        Claim("falls", "It falls with the batch size.", Level("validation_loss"),
              Decreases("training.batch_size")),
        Claim("in-bounds", "It stays in bounds.", RiseFraction("train_loss"),
              Within(low=0, high=1), where={"training.batch_size": (1, 2)}),
    ),
    seeds=4,
    block=2,
    scales={"paper": {"seeds": 6}},
)
"""
OWN_DATA = """
from benchmark import MLP, SGD, Arrays, Condition, Scenario, Training
scenario = Scenario("?", ".", Condition(Arrays({path!r}, 8, 4), MLP((4,)), SGD(0.1),
                    Training(1, 4)))
"""


@pytest.fixture
def shell(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Shell:
    return Shell(capsys, monkeypatch)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of scenario files."""
    made = tmp_path_factory.mktemp("cli")
    (made / "small.py").write_text(SMALL)
    return made


@pytest.fixture(scope="module")
def results(folder: Path) -> Path:
    """A results folder in which the small scenario is stored."""
    resolved = load_file(folder / "small.py").resolve()
    from benchmark.execution.run import Options

    execute(resolved, folder / "results", Options("inline"))
    return folder / "results"


@pytest.fixture
def places(folder: Path, results: Path) -> list[str]:
    return ["--scenarios", str(folder), "--results", str(results)]


def command(*words: str | Path, **more: Any) -> subprocess.CompletedProcess[str]:
    """``python -m benchmark`` in a process of its own."""
    call = [sys.executable, "-m", "benchmark", *map(str, words)]
    return subprocess.run(call, cwd=ROOT, text=True, stderr=subprocess.PIPE, **more)


# --- what there is ------------------------------------------------------------------------


def test_list_as_json(shell: Shell, places: list[str], tmp_path: Path):
    rows = shell("list", "--json", *places).json
    assert [row["name"] for row in rows] == [*NAMES, "small"]
    for row in rows:
        assert {"name", "family", "question", "status"} <= row.keys()
        assert all(isinstance(row[key], str) for key in ("name", "family", "question"))
    assert rows[-1]["family"] == "case"
    assert rows[-1]["question"] == "Does a small question have a small answer?"
    assert rows[-1]["status"] == "done"
    fresh = shell("list", "--json", *places[:2], "--results", tmp_path).json
    assert {row["status"] for row in fresh[:-1]} == {"reference"}
    assert fresh[-1]["status"] == "not run"
    larger = shell("list", "--json", "--scale", "paper", *places).json[-1]
    assert larger["status"] == "6 of 9 blocks"


def test_list_for_people(shell: Shell, places: list[str]):
    status, out, err = shell("list", *places)
    assert (status, err) == (0, "")
    for name in [*NAMES, "small"]:
        assert name in out


def test_one_broken_file_does_not_hide_the_others(shell: Shell, tmp_path: Path):
    (tmp_path / "broken.py").write_text("x = 1\nx / 0\n")
    row = shell("list", "--json", "--scenarios", tmp_path).json[-1]
    assert (row["name"], row["status"]) == ("broken", "broken")
    assert f"{tmp_path / 'broken.py'}, line 2" in row["question"]
    assert "broken" in shell("list", "--scenarios", tmp_path).out
    assert "line 2" in shell.refuses("show", "broken", "--scenarios", tmp_path)


HEAVY = {
    "jax", "flax", "optax", "xarray", "h5py", "pandas", "seaborn", "matplotlib", "scipy",
    "statsmodels", "sklearn", "dask", "distributed",
}  # fmt: skip


def test_listing_imports_nothing_heavy():
    script = (
        "import sys\n"
        "from benchmark.cli.app import main\n"
        "for words in (['list'], ['show', 'quadratic', '--json'], ['status']):\n"
        "    sys.argv = ['benchmark', *words]\n"
        "    try: main()\n"
        "    except SystemExit as ended: assert ended.code == 0\n"
        f"print(sorted({HEAVY!r} & set(sys.modules)), file=sys.stderr)\n"
    )
    ended = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert ended.stderr.strip() == "[]"


def test_show_as_json(shell: Shell, places: list[str]):
    shown = shell("show", "small", "--json", "--set", "optimizer.learning_rate=0.1,0.3",
                  *places[:2]).json  # fmt: skip
    assert shown["name"] == "small" and shown["says"] == "Post A says so."
    assert (shown["scale"], shown["seeds"]) == ("quick", 4)
    assert shown["axes"] == ["optimizer.learning_rate", "training.batch_size"]
    assert len(shown["conditions"]) == len({c["id"] for c in shown["conditions"]}) == 6
    assert shown["conditions"][0]["settings"]["training.batch_size"] == 1
    assert [claim["name"] for claim in shown["claims"]] == ["falls", "in-bounds"]
    assert shown["base"]["task"] == {
        "kind": "Quadratic", "curvature": 1.0, "noise": 1.0, "n_train": 8,
        "targets": "normal", "minimum": "population",
    }  # fmt: skip


@pytest.mark.parametrize("name", [*NAMES, "small"])
def test_show_for_people(shell: Shell, places: list[str], name: str):
    status, out, err = shell("show", name, *places[:2])
    assert (status, err) == (0, "")
    for claim in load_file(scenario_files([Path(places[1])])[name]).claims:
        assert claim.name in out


def test_show_says_what_varies(shell: Shell, places: list[str]):
    out = shell("show", "small", *places[:2]).out
    assert "3 conditions × 4 seeds" in out
    assert "varies: training.batch_size = 1, 2, 8" in out
    assert "  optimizer.learning_rate = 0.2" in out


# --- what is done -------------------------------------------------------------------------


def test_status(shell: Shell, places: list[str], results: Path):
    (row,) = shell("status", "small", "--json", *places).json
    assert row == {
        "name": "small", "scale": "quick", "status": "done", "blocks_done": 6, "blocks": 6,
        "folder": str(results / "small"), "shards": [], "variants": [],
    }  # fmt: skip
    (row,) = shell("status", "small", "--seeds", "8", "--json", *places).json
    assert (row["status"], row["blocks_done"], row["blocks"]) == ("6 of 12 blocks", 6, 12)
    every = shell("status", *places).out.splitlines()
    assert len(every) == len(NAMES) + 1


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


def test_summary_as_json(shell: Shell, places: list[str]):
    found = shell("summary", "small", "--json", *places).json
    assert found.keys() == {
        "scenario", "scale", "conditions", "claims", "attribution", "components", "causes",
        "cures", "fingerprints", "confusion",
    }  # fmt: skip
    assert (found["scenario"], found["scale"]) == ("small", "quick")
    shown = shell("show", "small", "--json", *places[:2]).json
    assert [c["id"] for c in found["conditions"]] == [c["id"] for c in shown["conditions"]]
    for row in found["conditions"]:
        assert {"id", "settings", "runs", "measures"} <= row.keys()
        assert row["runs"] == 4
        cell = row["measures"]["level(validation_loss)"]
        assert {"mean", "low", "high"} <= cell.keys()
        assert cell["low"] <= cell["mean"] <= cell["high"]
    assert [claim["name"] for claim in found["claims"]] == ["falls", "in-bounds"]
    for claim in found["claims"]:
        assert {"name", "says", "verdict", "estimate", "low", "high"} <= claim.keys()
        assert claim["verdict"] in ("supported", "refuted", "undecided")
        assert claim["low"] <= claim["estimate"] <= claim["high"]


def test_summary_and_figures_for_people(shell: Shell, places: list[str]):
    status, out, err = shell("summary", "small", *places)
    assert (status, err) == (0, "")
    assert "falls" in out and "4 runs" in out
    status, out, err = shell("figures", "small", *places)
    assert (status, err) == (0, "")
    assert all(Path(line).is_file() for line in out.splitlines()) and out


def test_nothing_stored(shell: Shell, folder: Path, tmp_path: Path):
    places = ["--scenarios", folder, "--results", tmp_path]
    said = shell.refuses("summary", "small", *places)
    again = f"--results {tmp_path} --scenarios {folder}"
    assert said.endswith(f"Run it first: python -m benchmark run small {again}")
    assert "Nothing of 'small' is stored" in shell.refuses("figures", "small", *places)
    assert "Nothing is stored" in shell.refuses("figures", *places)
    empty = shell("summary", "small", "--json", *places).json
    assert empty["conditions"] == []
    assert [claim["verdict"] for claim in empty["claims"]] == ["undecided"] * 2
    assert not list(tmp_path.iterdir()), "looking leaves nothing behind"


# --- mistakes -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("run smal", "Did you mean 'small'?"),
        ("show batchsize", "Did you mean 'batch_size'?"),
        ("run", "Name a scenario (see `list`), or give --all."),
        ("summary", "Missing argument"),
        ("run small --set training.batchsize=4", "Did you mean 'batch_size'?"),
        ("run small --set trainig.batch_size=4", "Did you mean 'training.batch_size'?"),
        ("run small --set training.batch_size=four", "a whole number or 'full'"),
        ("run small --set training.batch_size=2.5", "a whole number or 'full'"),
        ("run small --set training.batch_size=4,", "a whole number or 'full'"),
        ("run small --set training.batch_size=9", "only 8 training samples"),
        ("run small --set optimizer.learning_rate=-1", "must be at least 0"),
        ("run small --set optimizer.learning_rate=nan", "must be a number"),
        ("run small --set training.batch_size", "must be PATH=VALUE"),
        ("run small --set =4", "must be PATH=VALUE"),
        ("run small --set task=Digits", "task is a part"),
        ("run small --scale papre", "Did you mean 'paper'?"),
        ("run small --seeds 1", "seeds is 1, but must be at least 2"),
        ("run small --seeds two", "--seeds"),
        ("run small --seeds", "--seeds"),
        ("run small --sede 3", "No such option: --sede"),
        ("run small --device tpu", "device is 'tpu', but must be one of"),
        ("run small --device gpu", "device is 'gpu'"),
        ("run small --shard 3/2", "--shard is '3/2', but must be i/n"),
        ("frobnicate", "frobnicate"),
        ("status nothing", "The scenario is 'nothing'"),
        ("show small --scenarios /nowhere", "folder '/nowhere' does not exist"),
        ("run small --results /dev/null/below", "cannot be written"),
        ("new Small", "lower-case letters, digits and underscores"),
        ("new 2nd", "lower-case letters, digits and underscores"),
        ("new ../up", "lower-case letters, digits and underscores"),
        ("new fresh --from smal", "Did you mean 'small'?"),
    ],
)
def test_a_mistake_is_one_sentence(shell: Shell, folder: Path, tmp_path, words: str, said: str):
    given = words.split()
    if given != ["frobnicate"]:
        given[1:1] = ["--scenarios", str(folder)]
        if given[0] in ("run", "summary", "status"):
            given[1:1] = ["--results", str(tmp_path)]
    assert said in shell.refuses(*given)


def test_a_mistake_has_no_traceback_in_a_real_process(folder: Path):
    ended = command("run", "smal", "--scenarios", folder, stdout=subprocess.PIPE)
    assert (ended.returncode, ended.stdout) == (2, "")
    assert len(ended.stderr.splitlines()) == 1 and "Did you mean 'small'?" in ended.stderr


def test_without_a_command_the_help_is_shown():
    ended = command(stdout=subprocess.PIPE)
    assert ended.returncode == 2
    for name in ("list", "show", "run", "status", "summary", "figures", "new"):
        assert f"  {name} " in ended.stdout + ended.stderr


X, Y = np.arange(24.0).reshape(12, 2), np.arange(12) % 3


def with_nan(array: np.ndarray) -> np.ndarray:
    spoilt = array.astype(float)
    spoilt.flat[3] = np.nan
    return spoilt


@pytest.mark.parametrize(
    ("arrays", "said"),
    [
        (dict(x=with_nan(X), y=Y), "x in {path} has NaN"),
        (dict(x=X, y=with_nan(Y)), "y in {path} has NaN"),
        (dict(x=X * 1e300, y=Y), "x in {path} has NaN, infinite or too large values"),
        (dict(x=X, y=Y[:-1]), "x in {path} has 12 samples, but y has 11"),
        (dict(x=X), "{path} has no array 'y'; it has ['x']"),
        (dict(X=X, y=Y), "{path} has no array 'x'; it has ['X', 'y']"),
        (dict(x=X[:, 0], y=Y), "x in {path} must be [sample, …]"),
        (dict(x=X.astype(str), y=Y), "x in {path} holds <U"),
        (dict(x=X, y=Y - 1), "Classes in {path} must be 0, 1, 2"),
        (dict(x=X[:11], y=Y[:11]), "is 12, but {path} has only 11 samples"),
        (dict(x=X[:0], y=Y[:0]), "x in {path} is empty"),
        (dict(x=X.astype(object), y=Y), "x in {path} holds object, not numbers"),
    ],
)
def test_own_data_are_checked(shell: Shell, tmp_path: Path, arrays: Any, said: str):
    good, bad = tmp_path / "good.npz", tmp_path / "bad.npz"
    np.savez(good, x=X, y=Y)
    np.savez(bad, **arrays)
    (tmp_path / "own.py").write_text(OWN_DATA.format(path=str(good)))
    assert shell("show", "own", "--scenarios", tmp_path).status == 0
    changed = ["show", "own", "--scenarios", tmp_path, "--set", f"task.path={bad}"]
    assert said.format(path=bad) in shell.refuses(*changed)


def test_files_that_are_no_npz(shell: Shell, tmp_path: Path):
    good = tmp_path / "good.npz"
    np.savez_compressed(good, x=np.tile(X, (50, 1)), y=np.tile(Y, 50))
    np.save(tmp_path / "single.npy", X)
    (tmp_path / "text.npz").write_text("x,y\n1,2\n")
    (tmp_path / "empty.npz").write_bytes(b"")
    whole = good.read_bytes()
    (tmp_path / "cut.npz").write_bytes(whole[: len(whole) // 2])
    # Inside the compressed numbers, behind the first header.
    (tmp_path / "flipped.npz").write_bytes(whole[:60] + bytes(40) + whole[100:])
    (tmp_path / "own.py").write_text(OWN_DATA.format(path=str(good)))
    for name, said in {
        "single.npy": "is no .npz file",
        "text.npz": "is no .npz file",
        "empty.npz": "is no .npz file",
        "cut.npz": "is no .npz file",
        "flipped.npz": "cannot be read as .npz",
        "missing.npz": "does not exist",
    }.items():
        path = tmp_path / name
        words = ["show", "own", "--scenarios", tmp_path, "--set", f"task.path={path}"]
        sentence = shell.refuses(*words)
        assert said in sentence and str(path) in sentence


def test_changed_data_are_new_conditions(shell: Shell, tmp_path: Path):
    ids = []
    for number, shift in enumerate((0, 0, 1)):
        path = tmp_path / f"data{number}" / "data.npz"
        path.parent.mkdir()
        np.savez(path, x=X + shift, y=Y)
        (tmp_path / "own.py").write_text(OWN_DATA.format(path=str(tmp_path / "data0/data.npz")))
        words = ["show", "own", "--scenarios", tmp_path, "--set", f"task.path={path}"]
        shown = shell(*words, "--json").json
        ids.append(shown["conditions"][0]["settings"]["task.content"])
    assert ids[0] == ids[1] != ids[2]


# --- a new scenario -----------------------------------------------------------------------


def test_new_writes_a_copy_and_never_over_a_file(shell: Shell, tmp_path: Path):
    (tmp_path / "small.py").write_text(SMALL)
    words = ["new", "mine", "--from", "small", "--scenarios", tmp_path]
    status, out, err = shell(*words)
    assert (status, err) == (0, "")
    assert "python -m benchmark run mine" in out
    path = tmp_path / "mine.py"
    assert path.read_text() == SMALL
    assert load_file(path).name == "mine"
    path.write_text(SMALL + "# edited")
    assert f"{path} is already there" in shell.refuses(*words)
    assert path.read_text() == SMALL + "# edited"


def test_new_into_a_folder_that_cannot_be_written(shell: Shell, folder: Path, monkeypatch):
    def refused(*_: Any, **__: Any) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "write_bytes", refused)
    said = shell.refuses("new", "mine", "--scenarios", folder)
    assert said == f"{folder / 'mine.py'} could not be written: Permission denied."


# --- pipes --------------------------------------------------------------------------------


@pytest.mark.skipif(os.name != "posix", reason="pipes of POSIX")
@pytest.mark.parametrize("words", ["list", "list --json", "show quadratic", "status"])
def test_a_reader_that_has_gone_is_no_error(words: str):
    reader, writer = os.pipe()
    os.close(reader)
    # Buffered, as in a shell: the pipe is found broken as late as possible.
    env = {name: held for name, held in os.environ.items() if name != "PYTHONUNBUFFERED"}
    try:
        ended = command(*words.split(), stdout=writer, env=env)
    finally:
        os.close(writer)
    assert ended.stderr == ""
