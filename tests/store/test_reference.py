"""Reference results: the same bytes every time, and the same answers."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from benchmark.answers.answer import answer, condition_results
from benchmark.answers.publish import make_reference
from benchmark.declare.errors import UserError
from benchmark.figures import draw
from benchmark.statistics.measures import Final, Jitter
from benchmark.store.reference import Reference
from benchmark.store.results import Results
from helpers.scenarios import computed, written
from helpers.shell import Shell

SMALL = """
from benchmark import (
    SGD, Claim, Condition, Custom, Decreases, Factorial, Final, Jitter, Level, Point,
    Quadratic, Scenario, Training, Within,
)
from benchmark.measures import Wander
from benchmark.probes import Weights

RATE = "optimizer.learning_rate"


def twice(weight):
    return 2 * weight[:, -1]


def draw(figure, conditions):
    axes = figure.subplots()
    for result in conditions:
        axes.plot(result.series["validation_loss"][0])
        axes.axhline(result.measured(Level("validation_loss")).mean())


scenario = Scenario(
    question="Does a reference say the same?",
    says="A test.",
    base=Condition(
        Quadratic(n_train=8), Point(), SGD(0.2), Training(epochs=12, batch_size=4),
        probes=(Weights(every=3),),
    ),
    vary=Factorial({
        "high_rate": ({RATE: 0.1}, {RATE: 0.4}),
        "small_batch": ({"training.batch_size": 8}, {"training.batch_size": 2}),
    }),
    claims=(
        Claim("falls", "It falls with the batch size.", Level("validation_loss"),
              Decreases("training.batch_size")),
        Claim("tuned", "Tuned, it still does.", Jitter("validation_loss", window=(0.2, 0.9)),
              Decreases("training.batch_size"), tune={RATE: Final("train_loss")}),
        Claim("own", "A measure of one's own.", Custom("twice", "step_weight_0", twice),
              Within(low=-9, high=9)),
    ),
    show=(Wander("validation_loss"), Level("validation_loss")),
    figure=draw,
    seeds=8,
    block=4,
    lanes=4,
)
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return written(tmp_path_factory.mktemp("reference"), SMALL, "small").parent


@pytest.fixture(scope="module")
def own(folder: Path) -> Results:
    return computed(folder / "small.py", folder / "results")


@pytest.fixture(scope="module")
def known(own: Results, folder: Path) -> Reference:
    held = Reference.at(own.resolved, folder / "reference", folder / "drawn")
    make_reference(own, held.path)
    return held


# --- the same answers ---------------------------------------------------------------------


def test_the_answer_is_the_same(own: Results, known: Reference):
    ours, theirs = answer(own).as_json(), answer(known).as_json()
    assert ours["attribution"] and len(ours["claims"]) == 3
    assert {claim["verdict"] for claim in ours["claims"]} - {"undecided"}
    assert ours == theirs


def test_every_run_and_measure_is_there_to_the_last_bit(own: Results, known: Reference):
    pairs = zip(condition_results(own), condition_results(known), strict=True)
    for ours, theirs in pairs:
        assert theirs.runs == ours.runs == 8
        for measure in (Jitter("validation_loss"), Final("step_weight_0")):
            if ours.holds(measure) and theirs.holds(measure):
                np.testing.assert_array_equal(theirs.measured(measure), ours.measured(measure))
        assert theirs.series.keys() == ours.series.keys()
        for name, held in theirs.series.items():
            assert held.shape == ours.series[name].shape
        with pytest.raises(UserError, match="hold no jitter.* good for drawing only"):
            theirs.measured(Jitter("train_loss", window=(0.1, 0.2)))


def test_the_same_bytes_again_and_its_own_story(own: Results, known: Reference, tmp_path: Path):
    make_reference(own, tmp_path / "again.nc")
    assert (tmp_path / "again.nc").read_bytes() == known.path.read_bytes()
    about = known.about
    assert (about["scenario"], about["scale"], about["seeds"]) == ("small", "quick", 8)
    assert about["devices"] and about["versions"] and about["code"]
    assert known.seeds == 8 and known.strangers == 0
    for each, condition in zip(about["conditions"], own.resolved.conditions, strict=True):
        assert each["id"] == condition.id and each["seconds"] > 0
        assert each["condition"]["kind"] == "Condition"
    assert [path.name for path in known.path.parent.iterdir()] == ["small-quick.nc"]


def test_figures_are_drawn_from_it(known: Reference):
    names = {path.stem for path in draw(answer(known))}
    assert names == {"curves", "dose", "verdicts", "attribution", "special"}


def test_incomplete_results_are_refused(own: Results, tmp_path: Path):
    more = Results(replace(own.resolved, seeds=9), own.folder)
    with pytest.raises(UserError, match="4 of 4 conditions of 'small' do not have all 9 runs"):
        make_reference(more, tmp_path / "more.nc")
    assert not list(tmp_path.iterdir())


def test_a_changed_scenario_has_strangers(known: Reference):
    changed = known.resolved.scenario.resolve(overrides={"optimizer.learning_rate": "0.4,0.5"})
    held = replace(known, resolved=changed)
    assert 0 < held.strangers < len(changed.conditions)
    newer = replace(known.resolved, scenario=replace(known.resolved.scenario, version=2))
    assert replace(known, resolved=newer).strangers == 4
    assert replace(known, resolved=newer).all_runs() == []


def test_a_damaged_file_is_refused(known: Reference, tmp_path: Path):
    held = bytearray(known.path.read_bytes())
    held[len(held) // 2] ^= 1
    (tmp_path / known.path.name).write_bytes(held)
    with pytest.raises(UserError, match="is damaged"):
        _ = replace(known, path=tmp_path / known.path.name).about


# --- commands -----------------------------------------------------------------------------


def test_reference_then_summary(shell: Shell, own: Results, folder: Path, tmp_path: Path):
    places = ["--scenarios", folder, "--reference", tmp_path]
    made = ["--results", own.folder.parent]
    status, out, _ = shell("reference", "small", *places, *made)
    assert status == 0 and "4 conditions × 8 runs at scale quick" in out
    known = shell("summary", "small", *places, "--json")
    assert (
        known.status == 0
        and known.err
        == "small: from the reference results, scale quick, 8 runs per condition.\n"
    )
    mine = shell("summary", "small", "--scenarios", folder, *made, "--json")
    assert mine.err == "" and mine.json == known.json
    more = ["--results", tmp_path / "here"]
    paths = [Path(line) for line in shell("figures", "small", *places, *more).out.splitlines()]
    assert paths and all(path.is_file() for path in paths)
    assert all(path.is_relative_to(tmp_path / "here" / "small") for path in paths)


def test_one_s_own_results_come_first(shell: Shell, own, folder, tmp_path, monkeypatch):
    monkeypatch.setattr("benchmark.workbench.asked.project_root", lambda: tmp_path)
    monkeypatch.setattr("benchmark.workbench.stock.shipped_root", lambda: tmp_path)
    make_reference(own, tmp_path / "results" / "reference" / "small-quick.nc")
    words = ["summary", "small", "--scenarios", folder]
    status, _, err = shell(*words)
    assert status == 0 and "from the reference" in err
    # Other seeds than the scale's are nobody's but one's own.
    assert "Run it first" in shell.refuses(*words, "--seeds", "4")
    (tmp_path / "results" / "small").symlink_to(own.folder)
    status, _, err = shell(*words)
    assert (status, err) == (0, "")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("summary small --reference {nowhere}", "There are no reference results of 'small'"),
        ("reference small --results {nowhere}", "do not have all 8 runs of scale 'quick'"),
        ("reference --results {nowhere}", "No scenario is complete in"),
    ],
)
def test_mistakes(shell: Shell, words: str, said: str, own, folder: Path, tmp_path: Path):
    given = words.format(nowhere=tmp_path / "nowhere").split()
    assert said in shell.refuses(*given, "--scenarios", folder)


def test_a_reference_of_an_older_scenario(shell: Shell, known: Reference, tmp_path: Path):
    (tmp_path / "small.py").write_text(SMALL.replace("seeds=8,", "seeds=8, version=2,"))
    places = ["--scenarios", tmp_path, "--reference", known.path.parent]
    for command in ("summary", "verify"):
        sentence = shell.refuses(command, "small", *places)
        assert sentence.startswith("'small' has changed since its reference results")


def test_an_older_reference_does_not_stand_in(shell: Shell, known, tmp_path, monkeypatch):
    monkeypatch.setattr("benchmark.workbench.asked.project_root", lambda: tmp_path)
    monkeypatch.setattr("benchmark.workbench.stock.shipped_root", lambda: tmp_path)
    (tmp_path / "small.py").write_text(SMALL.replace("seeds=8,", "seeds=8, version=2,"))
    (tmp_path / "results").mkdir()
    (tmp_path / "results" / "reference").symlink_to(known.path.parent)
    ended = shell("summary", "small", "--scenarios", tmp_path)
    assert ended.status == 2
    changed, nothing = ended.err.splitlines()
    assert "has changed since its reference results" in changed
    assert nothing.startswith("Nothing of 'small' is stored")
