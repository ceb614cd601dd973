"""An expectation of a scenario file is like one that comes with the benchmark."""

from pathlib import Path

import pytest

from benchmark.answers.answer import answer
from benchmark.answers.overview import overview
from benchmark.figures import theme
from benchmark.figures.dose import draw_doses
from benchmark.figures.study import Study
from benchmark.figures.verdicts import draw_verdicts
from benchmark.paper import collect
from benchmark.report import page, render
from benchmark.store.results import Results
from helpers.figures import written as words_of
from helpers.scenarios import computed, written
from helpers.shell import Shell

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
    written(made / "own", OWN, "average")
    return made


@pytest.fixture(scope="module")
def results(folder: Path) -> Results:
    return computed(folder / "own" / "average.py", folder / "results")


def test_it_gets_verdicts_in_the_terminal(shell: Shell, results: Results, folder: Path):
    places = ["--scenarios", str(folder / "own"), "--results", str(folder / "results")]
    said = " ".join(shell("summary", "average", *places).out.split())
    assert "✓ supported" in said and "✗ refuted" in said
    assert "mean over" in said and "doses at" in said
    shown = " ".join(shell("show", "average", *places[:2]).out.split())
    assert "on average at least 0.0001" in shown


def test_it_is_drawn(results: Results):
    with theme.styled():
        study = Study.of(answer(results))
        verdicts, doses = words_of(draw_verdicts(study)), words_of(draw_doses(study))
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
