"""What there is: `list`, `show`, `status`."""

from pathlib import Path

import pytest

from benchmark.declare.load import load_file
from benchmark.declare.places import scenario_files
from helpers.scenarios import NAMES
from helpers.shell import Shell, python

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
    ended = python(script)
    assert (ended.returncode, ended.stderr.strip()) == (0, "[]")


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
