"""What people see while they wait, where it goes, and that it fits."""

import io
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from rich.cells import cell_len
from rich.console import Console

import benchmark as bm
from benchmark.cli.tables import draw
from benchmark.tables.table import Cell, Column, Table
from benchmark.workbench import progress
from helpers.shell import Shell

TINY = """
from benchmark import SGD, Condition, Level, Point, Quadratic, Scenario, Training
scenario = Scenario(
    question="Does it fall?",
    says="It does.",
    base=Condition(Quadratic(n_train=8), Point(), SGD(0.2), Training(epochs=3, batch_size=4)),
    vary={"training.batch_size": (1, 8)},
    show=(Level("train_loss"),),
    seeds=4,
)
"""


class Terminal(io.StringIO):
    """Standard error that says it is a terminal."""

    def isatty(self) -> bool:
        return True


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> Terminal:
    made = Terminal()
    monkeypatch.setattr(progress, "sys", SimpleNamespace(stderr=made))
    return made


# --- steps --------------------------------------------------------------------------------


def test_steps_are_told_in_one_line_that_goes_away(terminal: Terminal, capsys):
    for name in progress.shown_steps(["one", "two"], "drawing"):
        progress.print_meanwhile(f"made {name}")
    told = terminal.getvalue()
    parts = [part for part in told.split("\r\x1b[K") if part]
    assert parts == ["drawing 1/2 one", "drawing 2/2 two"]
    assert told.endswith("\r\x1b[K")
    assert capsys.readouterr().out == "made one\nmade two\n"


def test_one_step_is_told_without_a_number(terminal: Terminal):
    assert list(progress.shown_steps(["paper.pdf"], "typesetting")) == ["paper.pdf"]
    assert terminal.getvalue() == "typesetting paper.pdf\r\x1b[K"


def test_a_log_has_a_line_now_and_then(capsys, monkeypatch: pytest.MonkeyPatch):
    passing = iter(range(0, 100, 3))
    monkeypatch.setattr(progress.time, "monotonic", lambda: next(passing))
    names = ["a", "b", "c", "d"]
    assert list(progress.shown_steps(names, "reading")) == names
    assert capsys.readouterr().err == "reading 2/4 b\nreading 4/4 d\n"


def test_page_and_paper_say_how_far_they_are(tmp_path: Path):
    from benchmark.answers.answer import answers
    from benchmark.report import page
    from benchmark.store.results import Results

    told: list[str] = []

    def steps(names: Any, doing: str) -> Any:
        for name in names:
            told.append(f"{doing} {name}")
            yield name

    held = [Results.at(bm.find(name).resolve(), tmp_path) for name in ("optimizer", "dropout")]
    answers({stock.resolved.scenario.name: stock for stock in held}, (), steps)
    assert told == ["reading optimizer", "reading dropout"]
    page(held, None, steps)
    assert told[2:4] == ["drawing optimizer", "drawing dropout"]


# --- figures of variants ------------------------------------------------------------------


def test_figures_of_a_variant_leave_those_of_the_scenario_alone(
    tmp_path: Path, capsys, monkeypatch: pytest.MonkeyPatch
):
    (tmp_path / "tiny.py").write_text(TINY)
    shell = Shell(capsys, monkeypatch)
    places = ["--scenarios", tmp_path, "--results", tmp_path / "results"]
    own = ["tiny", "--device", "inline", *places]
    told = shell("run", *own)
    assert told.status == 0, told.err
    plain = tmp_path / "results" / "tiny" / "figures"
    before = {path: path.read_bytes() for path in plain.iterdir()}
    assert f"{plain}/curves.png" in told.out
    told = shell("run", *own, "--set", "training.batch_size=2,4")
    assert told.status == 0, told.err
    (name,) = (path.stem for path in (plain.parent / "variants").glob("*.json"))
    changed = plain.parent / "variants" / name / "figures"
    assert f"{changed}/curves.png" in told.out
    assert {path: path.read_bytes() for path in plain.iterdir()} == before
    told = shell("figures", "tiny", "--variant", name, *places)
    assert set(map(Path, told.out.split())) == set(changed.glob("*.png"))
    told = shell("figures", "tiny", "--scale", "paper", *places)
    assert (plain.parent / "paper" / "figures" / "curves.png").is_file(), told.err
    assert {path: path.read_bytes() for path in plain.iterdir()} == before


# --- tables -------------------------------------------------------------------------------

LONG = "a sentence that is so long that it has to be broken somewhere"
TABLE = Table(
    "table",
    "A caption",
    (
        Column("A setting of some length", numeric=True, key=True),
        Column("Jitter of the validation loss", numeric=True),
        Column("How often the training loss rises, whole run", numeric=True),
        Column("What it says"),
    ),
    (
        (
            Cell("0.1"),
            Cell("3.4 × 10⁻⁵", note="[2.68 × 10⁻⁵, 4.25 × 10⁻⁵]"),
            Cell("0"),
            Cell(LONG),
        ),
    ),
)


@pytest.mark.parametrize("width", [60, 80, 110, 200])
def test_tables_fit_the_terminal_and_lose_nothing(width: int):
    out = Console(file=io.StringIO(), width=width, markup=False, emoji=False, highlight=False)
    out.print(*draw(TABLE, width), sep="\n")
    told = out.file.getvalue()  # pyright: ignore[reportAttributeAccessIssue]
    assert max(cell_len(line.rstrip("\n")) for line in told.splitlines()) <= width
    # Numbers are never broken, words neither.
    assert "[2.68 × 10⁻⁵, 4.25 × 10⁻⁵]" in told
    words = {word for line in told.splitlines() for word in line.replace("│", " ").split()}
    assert set(LONG.split()) <= words


# --- what is told -------------------------------------------------------------------------


def test_show_tells_claims_in_words_and_what_is_off_at_once(capsys, monkeypatch):
    told = Shell(capsys, monkeypatch)("show", "validation_size").out
    assert "<function" not in told and "= None\n" not in told
    assert "as theory says" in told and "none: task.minority, " in told


@pytest.mark.parametrize(
    ("minutes", "said"),
    [(1.42, "1.4 min"), (95, "1.6 h"), (4600, "3.19 days"), (7e5, "486 days")],
)
def test_running_times_in_words(minutes: float, said: str):
    from benchmark.cli.catalogue import _time

    assert _time(minutes) == said


def test_a_new_scenario_makes_its_folder_and_tells_it(tmp_path: Path, capsys, monkeypatch):
    folder = tmp_path / "mine"
    told = Shell(capsys, monkeypatch)("new", "question", "--scenarios", folder)
    assert told.status == 0 and (folder / "question.py").is_file()
    assert told.out.endswith(f"python -m benchmark run question --scenarios {folder}\n")


def test_a_setting_that_there_is_none_of_is_told_with_those_there_are():
    with pytest.raises(bm.UserError, match="'epoch'. Did you mean 'epochs'"):
        bm.Training(epoch=3)  # pyright: ignore[reportCallIssue]
    with pytest.raises(bm.UserError, match="Adam is 'lr', but must be one of 'learning_rate'"):
        bm.Adam(lr=3)  # pyright: ignore[reportCallIssue]
    with pytest.raises(bm.UserError, match="Scenario is 'measures'.* 'show'"):
        bm.Scenario(measures=())  # pyright: ignore[reportCallIssue]


def test_one_curve_alone_is_refused_with_what_helps():
    with pytest.raises(bm.UserError, match=r"one curve alone is curve\[None\]"):
        bm.curves.jitter(np.ones(8))


def test_runs_know_their_arm():
    held = bm.load("batch_norm")
    assert set(held["arm"].values) == set(bm.find("batch_norm").resolve().arms)
