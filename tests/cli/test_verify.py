"""`verify`: agrees with itself, and sees an engine that was altered."""

from dataclasses import replace
from pathlib import Path

import pytest

from benchmark.answers.answer import condition_results, judged
from benchmark.answers.publish import make_reference
from benchmark.cli.verify import _folder
from benchmark.declare.load import load_file
from benchmark.statistics.claims.verdicts import Verdict
from benchmark.store.reference import Reference
from benchmark.store.results import Results
from helpers.scenarios import computed, written
from helpers.shell import Shell, python

HEAVY = """
from benchmark import (
    Claim, Condition, Increases, Jitter, Level, Momentum, Point, Quadratic, Scenario,
    Training,
)
from benchmark.measures import RunSpread

scenario = Scenario(
    question="How high is the floor of heavy-ball momentum?",
    says="A test.",
    base=Condition(
        Quadratic(n_train=32), Point(), Momentum(0.05), Training(epochs=80, batch_size=4)
    ),
    vary={"optimizer.learning_rate": (0.05, 0.1)},
    claims=(
        Claim("rises", "The floor rises with the rate.", Level("validation_loss"),
              Increases("optimizer.learning_rate")),
    ),
    show=(Jitter("validation_loss"), RunSpread("validation_loss")),
    seeds=32,
    lanes=32,
    block=32,
)
"""

ALTERED = """
import optax
from benchmark.cli.app import main
from benchmark.declare.optimizers import Momentum
Momentum.transformation = lambda self: optax.sgd(self.learning_rate, momentum=0.8)
main()
"""


# --- the command --------------------------------------------------------------------------


@pytest.fixture(scope="module")
def places(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """A scenario with a reference, as options of the command line."""
    folder = tmp_path_factory.mktemp("verify")
    results = computed(written(folder, HEAVY, "heavy"), folder / "own")
    make_reference(results, folder / "reference" / "heavy-quick.nc")
    return ["--scenarios", str(folder), "--reference", str(folder / "reference")]


def test_fresh_seeds_agree(shell: Shell, places: list[str], tmp_path: Path):
    words = ["verify", "heavy", "--device", "inline", *places, "--results", tmp_path]
    status, out, _ = shell(*words)
    assert status == 0
    assert "heavy agrees with the reference" in out and "32 fresh runs" in out
    assert "of 1 verdicts 1 are the same" in out
    assert "over all 6 comparisons of this call, 1 scenario" in out
    stored = sorted(tmp_path.rglob("*.nc"))
    assert len(stored) == 2 and all("seed1000000" in path.name for path in stored)
    assert all(path.is_relative_to(tmp_path / "verify") for path in stored)

    before = [path.stat().st_mtime_ns for path in stored]
    (found,) = shell(*words, "--json").json
    assert before == [path.stat().st_mtime_ns for path in stored], "nothing is computed anew"
    assert found["agrees"] and (found["reference_runs"], found["fresh_runs"]) == (32, 32)
    measures = {"jitter(validation_loss)", "level(validation_loss)"}
    measures |= {"run_spread(validation_loss)"}
    assert {row["measure"] for row in found["rows"]} == measures
    assert len(found["rows"]) == 2 * len(measures)
    for row in found["rows"]:
        assert row["first"] != row["second"], "the seeds are new"
        assert row["outcome"] in ("agrees", "open")
        assert row["noticeable"] > 1 and row["runs"] == [32, 32]
    assert 0.8 < found["noticeable_sds"] < 1.5
    claims = [("rises", "supported", "supported", "same")]
    assert [tuple(claim.values()) for claim in found["claims"]] == claims


def test_an_altered_engine_differs(places: list[str], tmp_path: Path):
    words = ["verify", "heavy", "--device", "inline", *places, "--results", str(tmp_path)]
    ended = python(ALTERED, *words)
    assert ended.returncode == 1, ended.stderr
    assert "heavy DIFFERS from the reference" in ended.stdout


def test_a_reversed_verdict_differs(shell: Shell, places, tmp_path: Path, monkeypatch):
    """Runs that agree number by number, and a claim that is read the other way round."""
    sure = Verdict("rises", "s", "undecided")
    monkeypatch.setattr(
        "benchmark.statistics.claims.verdicts.judge",
        lambda claims, results: [
            replace(sure, verdict="supported" if results[0].known else "refuted")
            for _ in claims
        ],
    )
    words = ["verify", "heavy", "--device", "inline", *places, "--results", tmp_path]
    status, out, _ = shell(*words, "--seeds", "16")
    assert status == 1
    out = " ".join(out.split())
    assert "'rises' is supported in the reference and refuted here: it DIFFERS." in out
    assert "heavy DIFFERS from the reference" in out and "0 differ;" in out
    assert "0 moved to or from undecided or depends, 1 are reversed" in out


@pytest.mark.parametrize("seeds", [-5, 0, 1])
def test_too_few_seeds_are_refused_as_run_does(shell: Shell, places, seeds, tmp_path: Path):
    for command, options in (("run", places[:2]), ("verify", places)):
        words = [command, "heavy", *options, "--seeds", seeds]
        sentence = shell.refuses(*words, "--results", tmp_path)
        assert sentence == f"seeds is {seeds}, but must be at least 2."
    assert not any(tmp_path.iterdir())


def test_agreement_of_nothing_is_not_agreement(shell: Shell, places, tmp_path: Path):
    """Two runs are fewer than a comparison needs, and nothing diverges or is missing."""
    words = ["verify", "heavy", "--device", "inline", *places, "--results", tmp_path]
    status, out, _ = shell(*words, "--seeds", "2")
    assert status == 1
    out = " ".join(out.split())
    assert "nothing could be compared" in out and "heavy agrees" not in out
    ended = shell(*words, "--seeds", "2", "--json")
    assert ended.status == 1
    (found,) = ended.json
    assert not found["agrees"] and found["comparisons"] == 0


def test_without_a_reference_it_refuses(shell: Shell, places: list[str], tmp_path: Path):
    elsewhere = [*places[:3], str(tmp_path)]
    sentence = shell.refuses("verify", "heavy", *elsewhere)
    assert sentence.startswith("There are no reference results of 'heavy' at scale 'quick'")
    assert "give --all" in shell.refuses("verify", *places)
    assert shell("verify", "heavy", *places, "--scale", "paper").status == 2


def test_seeds_of_blocks_begin_at_the_first(places: list[str], tmp_path: Path):
    resolved = load_file(Path(places[1]) / "heavy.py").resolve(seeds=40)
    fresh = Results.at(replace(resolved, first_seed=1000), tmp_path)
    seeds = [block.seeds for block in fresh.blocks(resolved.conditions[0])]
    assert seeds == [range(1000, 1032), range(1032, 1040)]


def test_the_reference_keeps_resolutions(places: list[str], tmp_path: Path):
    results = computed(Path(places[1]) / "heavy.py", tmp_path)
    own = condition_results(results)
    held = condition_results(Reference.at(results.resolved, Path(places[3]), tmp_path))
    for measure in judged(results.resolved.scenario):
        for mine, kept in zip(own, held, strict=True):
            told, exact = kept.resolution(measure), mine.resolution(measure)
            assert told is not None and exact is not None and exact.min() > 0
            assert ((exact <= told) & (told <= 2 * exact)).all()


# --- code ---------------------------------------------------------------------------------


def test_runs_of_edited_own_code_do_not_vouch_for_the_reference(write_own):
    held = _folder(write_own())
    assert held == _folder(write_own('"It falls."', '"It does fall."'))
    assert held != _folder(write_own("GAIN = 1.0", "GAIN = 0.5"))
