"""Notebooks: the tutorial, run as it stands, and what notebooks need."""

import re
import sys
import types
from pathlib import Path
from typing import Any

import pytest

import benchmark as bm
from benchmark.declare.identity import code_digest
from benchmark.declare.source import PACKAGE
from benchmark.workbench import progress

nbformat = pytest.importorskip("nbformat")
nbclient = pytest.importorskip("nbclient")
pytest.importorskip("ipykernel")

RUN = "bm.run(scenario, results=folder)"
TUTORIAL = PACKAGE.parent / "scenarios" / "tutorial.ipynb"


# --- the tutorial -------------------------------------------------------------------------


def executed(notebook: Any, folder: Path) -> Any:
    """The notebook, run in a folder by a kernel that sees no settings of this user's."""
    with pytest.MonkeyPatch.context() as patch:
        for name in ("IPYTHONDIR", "JUPYTER_CONFIG_DIR", "JUPYTER_RUNTIME_DIR"):
            patch.setenv(name, str(folder / name.lower()))
        patch.setenv("PYTHONPATH", str(PACKAGE.parent))
        # The tests draw without a screen; a notebook shows its figures.
        patch.delenv("MPLBACKEND", raising=False)
        there = {"metadata": {"path": str(folder)}}
        client = nbclient.NotebookClient(
            notebook, timeout=500, kernel_name="python3", record_timing=False, resources=there
        )
        return client.execute()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("tutorial")


@pytest.fixture(scope="module")
def ours(folder: Path) -> Any:
    """The tutorial with the outputs of today."""
    return executed(nbformat.read(TUTORIAL, 4), folder)


@pytest.fixture(scope="module")
def stored() -> Any:
    return nbformat.read(TUTORIAL, 4)


def code(notebook: Any) -> list[Any]:
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def kinds(cell: Any) -> list[Any]:
    """What a cell has put out, without the numbers."""
    return [(each.output_type, sorted(each.get("data", ()))) for each in cell.outputs]


def of(notebook: Any, part: str) -> Any:
    """The first cell with these words."""
    return next(cell for cell in code(notebook) if part in cell.source)


def text(cell: Any) -> str:
    return "\n".join(each.get("data", {}).get("text/plain", "") for each in cell.outputs)


def test_the_tutorial_runs_and_says_what_it_said(ours: Any, stored: Any):
    assert list(map(kinds, code(ours))) == list(map(kinds, code(stored)))
    pattern = r"^([\w-]+) +(supported|refuted|depends|undecided)"
    (now, then) = (
        re.findall(pattern, text(of(notebook, "bm.verdicts(")), re.MULTILINE)
        for notebook in (ours, stored)
    )
    assert now == then and len(now) == 4
    assert "array([0.3])" in text(of(ours, "class LargestJump"))


def test_progress_stays_below_its_cell(ours: Any):
    shown, report = of(ours, RUN).outputs
    assert re.fullmatch(r"8 blocks stored in \d+ s", shown.data["text/plain"])
    assert shown.data["text/html"] == f"<p>{shown.data['text/plain']}</p>"
    assert report.data["text/plain"] == "Report(computed=8, kept=0, failures={})"


def test_after_a_restart_nothing_is_trained_again(ours: Any, stored: Any, folder: Path):
    """What classes were typed is the same to another kernel; nothing is said of other code."""
    again = nbformat.from_dict(stored)
    last = again.cells.index(of(again, RUN))
    again.cells = again.cells[: last + 1]
    executed(again, folder)
    (report,) = again.cells[-1].outputs
    assert report.data["text/plain"] == "Report(computed=0, kept=8, failures={})"


def test_what_is_stored_of_the_tutorial_is_whole_and_tells_of_no_machine(stored: Any):
    cells = code(stored)
    assert [cell.execution_count for cell in cells] == list(range(1, len(cells) + 1))
    assert not any(each.output_type == "stream" for cell in cells for each in cell.outputs)
    held = TUTORIAL.read_text(encoding="utf-8")
    assert not re.search(r"/(home|root|tmp|usr|work)/", held)
    assert len(held) < 400_000


# --- code that was typed ------------------------------------------------------------------

IMPORTS = "from benchmark.parts import Model\nimport numpy as np"
BASE = "GAIN = 2\nclass Base(Model):\n    def scaled(self, x):\n        return x * GAIN"
MINE = (
    "class Mine(Base):\n    'One.'\n    def total(self, table):\n        return np.sum(table)"
)


@pytest.fixture
def digest(monkeypatch: pytest.MonkeyPatch):
    """Digest of `Mine` after some cells were run, in that order, by a kernel of their own."""

    def run(*cells: str) -> str:
        main = types.ModuleType("__main__")
        monkeypatch.setitem(sys.modules, "__main__", main)
        names = vars(main)
        names |= {"In": [""], "get_ipython": None}
        for cell in cells:
            names["In"].append(cell)
            try:
                exec(cell, names)
            except (SyntaxError, ZeroDivisionError):
                # Also such a cell is among those that were run.
                continue
        return code_digest(names["Mine"]())

    return run


@pytest.mark.parametrize(
    "cells",
    [
        (IMPORTS, BASE, MINE),
        (IMPORTS, BASE, MINE, "x = 1\ntable = 3\nprint(x)"),
        ("%matplotlib inline", IMPORTS, BASE, MINE.replace("One.", "The only one.")),
        (IMPORTS, BASE, MINE, MINE),
        (IMPORTS, BASE, MINE.replace("np.sum", "np.max"), "one = Mine()", MINE),
        (IMPORTS, "1 / 0", BASE, MINE, BASE, MINE),
        (IMPORTS, "GAIN = 7", BASE, MINE),
    ],
    ids=["same", "later", "docstring", "twice", "edited", "all twice", "outdated"],
)
def test_typed_code_is_known_again(digest, cells):
    assert digest(*cells) == digest(IMPORTS, BASE, MINE)


@pytest.mark.parametrize(
    "cells",
    [
        (IMPORTS, BASE, MINE.replace("np.sum", "np.max")),
        (IMPORTS, BASE.replace("= 2", "= 3"), MINE),
        (IMPORTS, BASE, MINE, "GAIN = 5"),
        (IMPORTS, BASE, MINE, "GAIN += 1"),
        (IMPORTS, BASE, MINE, "for GAIN in range(3):\n    pass"),
        (IMPORTS, BASE.replace("x *", "x +"), MINE, BASE),
    ],
    ids=["method", "constant", "later", "changed", "loop", "base it was made with"],
)
def test_other_typed_code_is_other_code(digest, cells):
    assert digest(*cells) != digest(IMPORTS, BASE, MINE)


def test_code_is_asked_for_anew_after_every_cell(digest):
    before = digest(IMPORTS, BASE, MINE)
    main = vars(sys.modules["__main__"])
    main["In"].append("GAIN = 9")
    assert code_digest(main["Mine"]()) != before


# --- what is shown ------------------------------------------------------------------------


def test_progress_of_a_run_that_does_not_end_says_how_far_it_came():
    cell = progress._Cell()
    cell.total, cell.blocks = 2.0, 4
    cell.advance(1.0)
    assert 'value="0.500"' in cell._repr_html_() and "0/4 blocks, starting" in repr(cell)
    cell.close()
    assert re.fullmatch(r"0 of 4 blocks stored in \d+ s", repr(cell))


def test_a_mistake_is_a_sentence_below_the_line_that_made_it():
    line = 'bm.Level("train_loss", window=(0.5, 0.1))'
    with pytest.raises(bm.UserError) as raised:
        bm.Level("train_loss", window=(0.5, 0.1))
    where, sentence = raised.value._render_traceback_()
    assert re.fullmatch(rf"Line \d+: {re.escape(line)}", where)
    assert sentence == f"UserError: {raised.value}"


def test_figures_to_be_shown_keep_title_and_key(tmp_path: Path):
    from matplotlib import pyplot

    drawn = bm.draw("quadratic")["dose"]
    box = drawn.get_tightbbox(drawn.canvas.get_renderer())  # pyright: ignore
    assert all(artist.get_in_layout() for artist in drawn.get_children())
    assert box.y1 > 0.95 * drawn.get_figheight()
    pyplot.close("all")
