"""A measure that is a class of a scenario file is like one that comes with the benchmark."""

import re
from pathlib import Path

import numpy as np
import pytest

import benchmark
from benchmark.answers.answer import Answer, answer
from benchmark.answers.overview import overview
from benchmark.cli.tables import print_answer
from benchmark.declare.errors import UserError
from benchmark.declare.identity import figure_digest
from benchmark.declare.load import load_file
from benchmark.figures import Study, draw_doses, styled
from benchmark.paper.content import collect
from benchmark.report import page, render
from benchmark.store.checks import Checked
from benchmark.store.results import Results
from helpers.figures import texts
from helpers.scenarios import computed, written

FILE = '''
from dataclasses import dataclass

import numpy as np

from benchmark import (
    SGD, Claim, Condition, Increases, Point, Quadratic, Scenario, Training, Within,
)
from benchmark.parts import Measure


class Range(Measure):
    """Highest minus lowest value."""

    unit, positive, shortest = "{unit}", True, 2

    def values(self, curves):
        return curves.max(axis=1) - curves.min(axis=1)


@dataclass(frozen=True)
class Lead(Measure):
    """How often the first curve is ahead of the second by more than a margin."""

    margin: float = 0.0

    says, short = "how often the {of} leads the {other} by {margin:g}", "lead"
    unit, bounds = "of {time}", (0.0, 1.0)

    def values(self, first, second):
        return np.mean(second - first > self.margin, axis=1)


RATE = "optimizer.learning_rate"

scenario = Scenario(
    question="Can a file bring a measure of its own?",
    says="It can.",
    base=Condition(Quadratic(n_train=8), Point(), SGD(0.1), Training(8, batch_size=4)),
    vary={RATE: (0.1, 0.4)},
    claims=(
        Claim("wide", "It grows.", Range("validation_loss"), Increases(RATE)),
        Claim("ahead", "It leads.", Lead(("train_loss", "validation_loss"), 0.01), Within(0)),
    ),
    seeds=3,
    block=3,
    lanes=3,
)
'''
RANGE, LEAD = "range(validation_loss)", "lead(train_loss, validation_loss, margin=0.01)"


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> Results:
    folder = tmp_path_factory.mktemp("own_measure")
    return computed(written(folder, FILE, "widths"), folder)


@pytest.fixture(scope="module")
def found(results: Results) -> Answer:
    return answer(results)


def test_it_is_computed_and_judged(results: Results, found: Answer):
    curves = np.asarray(results.all_runs()[0].series["validation_loss"], float)
    expected = np.exp(np.mean(np.log(np.ptp(curves[:, 4:], axis=1))))
    cells = found.as_json()["conditions"][0]["measures"]
    assert cells[RANGE]["mean"] == pytest.approx(expected)
    assert cells[RANGE]["over_runs"] == "geometric_mean"
    assert 0 <= cells[LEAD]["mean"] <= 1
    assert [verdict.verdict for verdict in found.verdicts] == ["supported", "supported"]


def test_it_has_its_words_in_the_terminal(found: Answer, capsys: pytest.CaptureFixture[str]):
    print_answer(found)
    said = capsys.readouterr().out
    assert "Range of the validation loss" in said
    flat = " ".join(re.sub("[┃│]", " ", said).split())
    assert "How often the training loss leads the validation loss by" in flat


def test_it_has_its_words_and_unit_in_figures(results: Results):
    with styled():
        figure = draw_doses(Study.of(answer(results)))
    said = texts(figure)
    assert {"range (½ squared error)", "lead of epochs"} <= set(said)
    assert "Range of the validation loss" in said


def test_it_has_its_words_in_the_page_and_the_paper(results: Results):
    text = render(page([results], Checked("quick", ())))
    assert "Range of the validation loss" in text
    assert "How often the training loss leads the validation loss by 0.01" in text
    told = collect({"widths": answer(results)}, overview([answer(results).part]), None, {})
    for claim in results.resolved.scenario.claims:
        sentence = told.claims[f"widths/{claim.name}"]["expected"]
        assert sentence.startswith(claim.measure.words)


def test_an_edit_of_it_draws_figures_anew_and_trains_nothing(results: Results, tmp_path: Path):
    def loaded(text: str):
        (tmp_path / "widths.py").write_text(text)
        return load_file(tmp_path / "widths.py").resolve()

    same, other = loaded(FILE), loaded(FILE.replace("curves.min(axis=1)", "curves[:, 0]"))
    assert figure_digest(same, {}) != figure_digest(other, {})
    assert [c.id for c in same.conditions] == [c.id for c in other.conditions]


def test_it_fails_in_one_sentence():
    class Broken(benchmark.parts.Measure):
        def values(self, curves):
            return [1, 2, 3]

    class Failing(benchmark.parts.Measure):
        def values(self, curves):
            raise ValueError("no idea")

    series = {"x": np.ones((2, 5))}
    with pytest.raises(UserError, match=r"Broken\.values.* must return one value per run"):
        Broken("x").evaluate(series)
    with pytest.raises(UserError, match=r"Failing\.values.*own_measure\.py, line \d+.*no idea"):
        Failing("x").evaluate(series)
