"""What `list` remembers, and when it must not."""

import json
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from benchmark.cli import listing
from benchmark.cli.listing import listed
from benchmark.declare.errors import UserError
from helpers.shell import python

FILE = """
from pathlib import Path

import helping
from benchmark import SGD, Condition, Point, Quadratic, Scenario, Training

lengths = tuple(map(int, Path(__file__).with_name("lengths.txt").read_text().split()))
scenario = Scenario(
    question=helping.QUESTION,
    says="It does.",
    base=Condition(Quadratic(), Point(), SGD(0.1), Training(2, 1, steps=2)),
    vary={"training.epochs": lengths},
)
"""


@pytest.fixture
def mine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A scenario that imports a module of its folder and reads a file there."""
    monkeypatch.setenv("BENCHMARK_CACHE", str(tmp_path / "cache"))
    monkeypatch.syspath_prepend(str(tmp_path))
    (tmp_path / "mine.py").write_text(FILE)
    (tmp_path / "helping.py").write_text('QUESTION = "Does it?"')
    (tmp_path / "lengths.txt").write_text("2 4")
    monkeypatch.setattr(listing._watch(), "noted", set())
    yield tmp_path / "mine.py"
    sys.modules.pop("helping", None)


@pytest.fixture
def loads(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """The files that were loaded and not remembered."""
    made: list[Path] = []
    load = listing._loaded

    def counted(path: Path, scale: str):
        made.append(path)
        sys.modules.pop("helping", None)
        return load(path, scale)

    monkeypatch.setattr(listing, "_loaded", counted)
    return made


def test_a_scenario_is_loaded_once(mine: Path, loads: list[Path]):
    first = listed(mine, "quick")
    assert first.question == "Does it?" and len({b[:12] for b in first.blocks}) == 2
    assert listed(mine, "quick") == first
    assert loads == [mine]
    listed(mine, "paper")
    assert loads == [mine, mine]


@pytest.mark.parametrize(
    "name, old, new, question, conditions",
    [
        ("mine.py", "helping.QUESTION", "'And now?'", "And now?", 2),
        ("helping.py", "Does it?", "Who says?", "Who says?", 2),
        ("lengths.txt", "2 4", "2 4 8", "Does it?", 3),
    ],
)
def test_what_it_is_made_of_is_looked_at_again(
    mine: Path, loads: list[Path], name: str, old: str, new: str, question: str, conditions: int
):
    listed(mine, "quick")
    edited = mine.with_name(name)
    edited.write_text(edited.read_text().replace(old, new))
    again = listed(mine, "quick")
    assert again.question == question
    assert len({block[:12] for block in again.blocks}) == conditions
    assert len(loads) == 2


def test_an_edit_of_the_package_forgets(
    mine: Path, loads: list[Path], monkeypatch: pytest.MonkeyPatch
):
    listed(mine, "quick")
    monkeypatch.setattr(listing, "_package_stamp", lambda: "another")
    listed(mine, "quick")
    assert len(loads) == 2


@pytest.mark.parametrize("content", ["", "[]", "{}", "null", '{"package": 1, "files": []}'])
def test_what_is_no_memory_is_not_believed(mine: Path, loads: list[Path], content: str):
    first = listed(mine, "quick")
    (memory,) = mine.parent.glob("cache/listing/*.json")
    memory.write_text(content)
    assert listed(mine, "quick") == first and len(loads) == 2
    held = json.loads(memory.read_text())
    memory.write_text(json.dumps(held | {"listed": {"question": "?"}}))
    assert listed(mine, "quick") == first


def test_a_broken_file_is_not_remembered(mine: Path, loads: list[Path]):
    mine.write_text("1 / 0")
    for _ in range(2):
        with pytest.raises(UserError, match="division by zero"):
            listed(mine, "quick")
    assert len(loads) == 2


def test_nothing_is_kept_where_there_is_no_cache(
    mine: Path, loads: list[Path], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("BENCHMARK_CACHE", "")
    assert listed(mine, "quick") == listed(mine, "quick")
    assert len(loads) == 2 and not (mine.parent / "cache").exists()


def test_commands_are_there_without_what_they_need():
    code = "import sys, benchmark.cli.app; print(*{n.partition('.')[0] for n in sys.modules})"
    ended = python(code)
    heavy = {"jax", "numpy", "scipy", "pandas", "xarray", "matplotlib", "jaxtyping"}
    assert "benchmark" in ended.stdout.split(), ended.stderr
    assert not heavy & set(ended.stdout.split())
