"""Expectations: one class is all that is needed, in the package or in a scenario file."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest
from matplotlib.figure import Figure
from matplotlib.text import Text
from typer.testing import CliRunner

import benchmark
from benchmark import claims
from benchmark.answers.answer import answer
from benchmark.answers.overview import overview
from benchmark.claims import Expectation, Region
from benchmark.cli.app import app
from benchmark.declare.load import load_file
from benchmark.execution.run import Options
from benchmark.execution.run import run as execute
from benchmark.figures import theme
from benchmark.figures.dose import draw_doses
from benchmark.figures.study import Study
from benchmark.figures.verdicts import draw_verdicts
from benchmark.measures import Final, Jitter
from benchmark.paper import collect
from benchmark.report import page, render
from benchmark.store.results import Results

PACKAGE = Path(benchmark.__file__).parent
KINDS = (
    claims.PowerLaw, claims.Increases, claims.Decreases, claims.Ratio, claims.Difference,
    claims.Within, claims.Equals, claims.NoEffect, claims.Peaks, claims.Share,
)  # fmt: skip

OWN = '''
"""A scenario with an expectation of its own."""

from dataclasses import dataclass

import numpy as np

from benchmark import SGD, Claim, Condition, Jitter, Point, Quadratic, Scenario, Training
from benchmark.claims import Band, Expectation, Finding, Region, number, weigh

BATCH = "training.batch_size"


@dataclass(frozen=True)
class OnAverage(Expectation):
    """The mean over all selected conditions is at least ``low``."""

    quantity = "mean"

    low: float = number(above=0.0)

    @property
    def words(self):
        return f"on average at least {self.low:g}"

    def examine(self, claim, conditions, table):
        columns = table.columns(conditions, claim.measure)
        mean = columns.weighted(np.full(len(conditions), 1 / len(conditions)))
        region = Region("mean over conditions", low=self.low, words="mean over all doses")
        return Finding([weigh(mean, region, log=columns.log)])

    def picture(self, claim):
        return Band(self.low, None)


scenario = Scenario(
    question="Does it jump on average?",
    says="It is said to jump on average.",
    base=Condition(Quadratic(n_train=16), Point(), SGD(0.2), Training(epochs=12, batch_size=4)),
    vary={BATCH: (2, 4, 8)},
    claims=(
        Claim("jumps", "It jumps on average.", Jitter("train_loss"), OnAverage(1e-4)),
        Claim("leaps", "It leaps on average.", Jitter("train_loss"), OnAverage(1e4)),
    ),
    seeds=8,
    block=8,
    lanes=4,
)
'''


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("expectations")
    (made / "own").mkdir()
    (made / "own" / "average.py").write_text(OWN)
    resolved = load_file(made / "own" / "average.py").resolve()
    execute(resolved, made / "results", Options("inline"))
    return made


@pytest.fixture(scope="module")
def results(folder: Path) -> Results:
    return Results.at(load_file(folder / "own" / "average.py").resolve(), folder / "results")


def written(figure: Figure) -> str:
    texts = figure.findobj(Text)
    return " ".join(" ".join(t.get_text() for t in texts if isinstance(t, Text)).split())


# --- an expectation of one's own ----------------------------------------------------------


def test_it_gets_verdicts_in_the_terminal(folder: Path):
    places = ["--scenarios", str(folder / "own"), "--results", str(folder / "results")]
    done = CliRunner().invoke(app, ["summary", "average", *places], catch_exceptions=False)
    said = " ".join(done.stdout.split())
    assert "✓ supported" in said and "✗ refuted" in said
    assert "mean over" in said and "doses at" in said
    shown = CliRunner().invoke(app, ["show", "average", *places[:2]], catch_exceptions=False)
    assert "OnAverage(low=0.0001)" in shown.stdout


def test_it_is_drawn(results: Results):
    with theme.styled():
        study = Study.of(answer(results))
        verdicts, doses = written(draw_verdicts(study)), written(draw_doses(study))
    assert "mean over all doses: jitter of the training loss" in verdicts
    assert "on average at least 0.0001 — supported" in doses
    assert "claimed region" in doses


def test_it_is_on_the_page(results: Results):
    found = page([results], None)
    (chapter,) = found.chapters
    (jumps, _, estimate, expected), _ = chapter.claims.rows
    assert jumps.note == "jumps: jitter of the training loss on average at least 0.0001"
    assert expected.text == "mean over all doses at least 0.0001"
    assert estimate.order is not None and estimate.order > 1e-4
    assert "on average at least 0.0001" in render(found)


def test_the_paper_has_a_sentence_for_it(results: Results):
    said = collect(
        {"average": answer(results)}, overview([answer(results).part]), None, {}
    ).claims["average/leaps"]
    assert said["expected"] == "jitter of the training loss: mean over all doses at least 10000"
    assert (said["kind"], said["verdict"]) == ("mean", "refuted")


# --- those of the package -----------------------------------------------------------------


@pytest.mark.parametrize("kind", [*KINDS, claims.Claim, Expectation])
def test_everyone_has_an_example(kind: type):
    assert ">>>" in (kind.__doc__ or "")


@pytest.mark.parametrize(
    ("region", "stored", "said"),
    [
        (Region("ratio", low=2), "ratio at least 2", "ratio at least 2"),
        (Region("ratio", high=1e5), "ratio at most 1e+05", "ratio at most 1\u00a0×\u00a010⁵"),
        (Region("difference", -0.5, 0.25), "difference in [-0.5, 0.25]",
         "difference in [−0.5, 0.25]"),
        (Region("slope of y on x", low=0.1234567, words="slope along x", strict=True),
         "slope of y on x above 0.123457", "slope along x above 0.123"),
        (Region("slope of y on x", high=-0.0, words="slope along x", strict=True),
         "slope of y on x below 0", "slope along x below 0"),
        (Region("slope", -1, 1, strict=True), "slope in (-1, 1)", "slope in (−1, 1)"),
        (Region("final(loss)", low=0, words=""), "final(loss) at least 0", "at least 0"),
    ],
)  # fmt: skip
def test_a_region_in_words(region: Region, stored: str, said: str):
    assert (str(region), region.said) == (stored, said)


def test_a_region_knows_what_it_is_of():
    assert Region("ratio", low=2).of(Jitter("train_loss")) == (
        "ratio: jitter of the training loss"
    )
    itself = Region("final(train_loss)", low=2, words="")
    assert itself.of(Final("train_loss")) == "final training loss"
    assert itself.ends == (2, float("inf"))


def test_importing_claims_imports_no_scipy():
    """Scenario files import expectations, and `list` imports scenario files."""
    heavy = "{'scipy', 'pandas', 'jax', 'matplotlib', 'xarray'}"
    code = f"import sys, benchmark.claims; print(*{heavy} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert (done.returncode, done.stdout.strip()) == (0, ""), done.stderr


def test_nobody_asks_which_expectation_it_is():
    """Kinds are named where they are defined, exported, declared or tried, not asked for."""
    names = {kind.__name__ for kind in KINDS}
    for path in PACKAGE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            asked: list[ast.expr] = []
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "isinstance":
                asked = node.args[1:]
            elif isinstance(node, ast.MatchClass):
                asked = [node.cls]
            inner = (each for one in asked for each in ast.walk(one))
            found = {getattr(n, "id", getattr(n, "attr", "")) for n in inner}
            assert not found & names, f"{path}, line {getattr(node, 'lineno', '?')}"
