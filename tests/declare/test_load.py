"""Scenario files: found, loaded, and told of when they cannot be."""

import re
from pathlib import Path

import pytest

from benchmark import UserError
from benchmark.declare.load import find, load_file
from benchmark.declare.places import scenario_files
from helpers.scenarios import written


@pytest.mark.parametrize(
    ("text", "line", "sentence"),
    [
        ("x = 1\ny = x / 0\n", 2, "ZeroDivisionError: division by zero"),
        ("x = 1\n\nfor\n", 3, "SyntaxError"),
        ("from benchmark import Nothing\n", 1, "ImportError"),
        (
            "from benchmark import SGD\nSGD(\n  learning_rate=-1)\n",
            2,
            "SGD.learning_rate is -1",
        ),
    ],
)
def test_a_file_that_cannot_be_loaded(tmp_path: Path, text: str, line: int, sentence: str):
    path = written(tmp_path, text)
    with pytest.raises(UserError) as raised:
        load_file(path)
    said = str(raised.value)
    assert said.startswith(f"The scenario file {path}, line {line} could not be loaded: ")
    assert sentence in said
    assert "\n" not in said


@pytest.mark.parametrize("text", ["", "scenario = 3\n", "Scenario = None\n"])
def test_a_file_without_a_scenario(tmp_path: Path, text: str):
    with pytest.raises(UserError, match=re.escape("must define `scenario = Scenario(...)`.")):
        load_file(written(tmp_path, text))


def test_files_that_are_no_python(tmp_path: Path):
    path = tmp_path / "mine.py"
    for content in (b"x = 'a\x00b'\n", b"x = '\xff'\n"):
        path.write_bytes(content)
        with pytest.raises(UserError, match="could not be loaded") as raised:
            load_file(path)
        assert "None" not in str(raised.value)


MINIMAL = """
from benchmark import SGD, Condition, Point, Quadratic, Scenario, Training
scenario = Scenario("Is it?", "So they say.", Condition(Quadratic(), Point(), SGD(0.1),
                    Training(2, 4)))
"""


def test_own_folders_come_after_the_project_and_win(tmp_path: Path):
    written(tmp_path, MINIMAL)
    written(tmp_path, MINIMAL, "quadratic")
    written(tmp_path, "1/0", "_helper")
    names = scenario_files([tmp_path])
    assert names["mine"] == tmp_path / "mine.py"
    assert names["quadratic"] == tmp_path / "quadratic.py"
    assert "_helper" not in names
    assert find("mine", [tmp_path]).name == "mine"
    with pytest.raises(UserError, match="Did you mean 'mine'"):
        find("mime", [tmp_path])
    with pytest.raises(UserError, match="The scenario folder .*nowhere' does not exist"):
        scenario_files([tmp_path / "nowhere"])
