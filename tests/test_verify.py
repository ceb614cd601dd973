"""`verify`: agrees with itself, and sees an engine that was altered."""

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import benchmark
from benchmark.cli.app import main
from benchmark.declare import load_file
from benchmark.declare.measures import Diverged, Level, RunSpread
from benchmark.execution.run import Options
from benchmark.statistics.agreement import Agreement, agreements, tallies
from benchmark.statistics.equivalence import (
    Compared,
    compare_means,
    compare_shares,
    compare_spreads,
)
from benchmark.statistics.reference import make_reference
from benchmark.statistics.selection import ConditionResult
from benchmark.statistics.verdicts import holm
from benchmark.store.results import Results

ROOT = Path(benchmark.__file__).parents[1]
HEAVY = """
from benchmark import (
    Claim, Condition, Increases, Jitter, Level, Momentum, Point, Quadratic, RunSpread, Scenario,
    Training,
)

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


# --- two samples --------------------------------------------------------------------------


def heavy(generator: np.random.Generator, runs: int) -> np.ndarray:
    return generator.standard_t(3, runs)


def skewed(generator: np.random.Generator, runs: int) -> np.ndarray:
    return np.exp(generator.normal(size=runs))


def shares(generator: np.random.Generator, runs: int) -> np.ndarray:
    return generator.binomial(20, 0.05, runs) / 20


@pytest.mark.parametrize("draw", [heavy, skewed, shares])
@pytest.mark.parametrize("sizes", [(32, 32), (32, 8)])
def test_the_same_distribution_is_hardly_ever_said_to_differ(draw, sizes):
    """Level of a table of 20 rows, half of them SDs, with Holm: at most 5 %."""
    generator, tables, rows = np.random.default_rng(1), 60, 20
    false = 0
    for _ in range(tables):
        found = [
            (compare_means if row % 2 else compare_spreads)(
                *(draw(generator, runs) for runs in sizes)
            )
            for row in range(rows)
        ]
        false += bool(holm(np.array([each.p for each in found])).min() < 0.05)
    assert false <= 6  # P(more | 5 %) = 0.03, but two ranks and a t make it less


def test_power_and_agreement_of_means():
    generator = np.random.default_rng(2)
    near, far = (
        [compare_means(*pair) for pair in samples]
        for samples in (
            [(generator.normal(100, 1, 32), generator.normal(100, 1, 32)) for _ in range(200)],
            [(generator.normal(0, 1, 32), generator.normal(1.5, 1, 32)) for _ in range(200)],
        )
    )
    assert all(each.inside and each.scale == "ratio" for each in near)
    assert np.mean([each.p < 0.05 / 40 and not each.inside for each in far]) > 0.95
    unit = [
        compare_means(generator.normal(0, 1, 32), generator.normal(0, 1, 32)).inside
        for _ in range(400)
    ]
    # |difference| + 1.67 SE < 1 SD, SE = 0.25 SD: P(|N(0, ¼)| < 0.58) = 0.98, less as the
    # margin is estimated.
    assert 0.92 < np.mean(unit) < 1.0


def test_one_sided_level_on_the_border_of_the_margin():
    """A true difference of exactly the margin is called inside in 5 % of the cases."""
    generator = np.random.default_rng(3)
    found = [
        compare_means(generator.normal(0, 1, 400), generator.normal(1, 1, 400)).inside
        for _ in range(600)
    ]
    # The margin, an estimated SD, adds a quarter to the variance of the difference.
    assert 0.02 < np.mean(found) < 0.12


def test_power_of_spreads():
    generator = np.random.default_rng(4)
    wide = [
        compare_spreads(generator.normal(0, 1, 32), generator.normal(0, 5, 32)).p
        for _ in range(200)
    ]
    assert np.mean(np.array(wide) < 0.05 / 40) > 0.95
    many = compare_spreads(generator.normal(0, 1, 400), generator.normal(3, 1, 400))
    assert many.inside and many.low < many.difference < many.high
    assert many.difference == pytest.approx(many.second / many.first, rel=0.01)


def test_numbers_without_noise():
    same = compare_means(np.full(8, 2.0), np.full(5, 2.0))
    assert (same.difference, same.p, same.inside) == (1.0, 1.0, True)
    apart = compare_means(np.full(8, 2.0), np.full(5, 2.2))
    assert apart.p < 0.001 and not apart.inside
    assert compare_means(np.full(8, 2.0), np.full(5, 2.08)).inside
    assert compare_means(np.zeros(8), np.full(8, 1e-9)).inside
    assert not compare_means(np.zeros(8), np.full(8, 1e-3)).inside
    still = compare_spreads(np.full(8, 2.0), np.full(8, 3.0))
    assert (still.p, still.inside) == (1.0, True)
    one_off = compare_spreads(np.full(8, 2.0), np.array([2.0] * 7 + [3.0]))
    assert one_off.p > 0.05 and not one_off.inside
    moved = compare_spreads(np.full(32, 2.0), np.arange(32.0))
    assert moved.p < 1e-6


def test_shares():
    def of(yes: int, runs: int) -> np.ndarray:
        return np.arange(runs) < yes

    none = compare_shares(of(0, 32), of(0, 32))
    assert (none.p, none.inside) == (1.0, True)
    assert none.high == pytest.approx(2.7055 / (32 + 2.7055), rel=1e-3)  # Wilson's, 0 of 32
    few = compare_shares(of(20, 400), of(36, 400))
    assert few.p < 0.05 and few.inside
    far = compare_shares(of(0, 32), of(16, 32))
    assert far.p < 1e-4 and not far.inside


# --- tables -------------------------------------------------------------------------------


def result(name: str, ends: np.ndarray) -> ConditionResult:
    curves = np.asarray(ends, dtype=np.float64)[:, None] * np.ones(4)
    return ConditionResult(name, None, {"dose": name}, {"train_loss": curves})


def test_rows_of_missing_and_diverged_runs():
    generator = np.random.default_rng(5)
    whole, broken = generator.normal(5, 1, (2, 32))
    broken[:20] = np.nan
    measures = [Level("train_loss"), Diverged(), RunSpread("absent")]
    rows = agreements(
        [result("a", whole), result("b", whole), result("c", whole)],
        [result("b", broken), result("a", generator.normal(5, 1, 32))],
        measures,
    )
    said = {(row.condition, row.measure): row.outcome for row in rows}
    assert said == {
        ("a", "level(train_loss)"): "agrees",
        ("a", "diverged(train_loss)"): "agrees",
        ("b", "no level(train_loss)"): "differs",
        ("b", "level(train_loss)"): "open",
        ("b", "diverged(train_loss)"): "differs",
    }
    (level, *_) = tallies(rows)
    assert (level.agree, level.open, level.differ) == (1, 1, 0)


def test_the_worst_row_of_a_measure():
    def row(difference: float, p: float, inside: bool) -> Agreement:
        held = Compared("ratio", 1.0, 1.0, difference, 0.0, 1.0, 1.5, p, inside)
        return Agreement("x", str(difference), "m", held, p)

    rows = [row(1.1, 1e-9, True), row(0.5, 0.4, False), row(1.9, 0.4, False)]
    assert tallies(rows)[0].worst.about == "0.5"
    assert rows[0].outcome == "agrees", "a difference within the margin does not count"
    assert tallies([*rows, row(3.0, 1e-4, False)])[0].worst.about == "3.0"


# --- the command --------------------------------------------------------------------------


@pytest.fixture(scope="module")
def places(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """A scenario with a reference, as options of the command line."""
    folder = tmp_path_factory.mktemp("verify")
    (folder / "heavy.py").write_text(HEAVY)
    resolved = load_file(folder / "heavy.py").resolve()
    benchmark.run(resolved, folder / "own", Options("inline"))
    results = Results.at(resolved, folder / "own")
    make_reference(results, folder / "reference" / "heavy-quick.nc")
    return ["--scenarios", str(folder), "--reference", str(folder / "reference")]


def call(patch: pytest.MonkeyPatch, *words: str | Path) -> int:
    """The exit status of a command in this process."""
    patch.setattr(sys, "argv", ["benchmark", *map(str, words)])
    with pytest.raises(SystemExit) as ended:
        main()
    assert isinstance(ended.value.code, int)
    return ended.value.code


def test_fresh_seeds_agree(places, tmp_path: Path, capsys, monkeypatch):
    words = ["verify", "heavy", "--device", "inline", *places, "--results", tmp_path]
    assert call(monkeypatch, *words) == 0
    out = capsys.readouterr().out
    assert "heavy agrees with the reference" in out and "32 fresh runs" in out
    stored = sorted(tmp_path.rglob("*.nc"))
    assert len(stored) == 2 and all("seed1000000" in path.name for path in stored)
    assert all(path.is_relative_to(tmp_path / "verify") for path in stored)

    before = [path.stat().st_mtime_ns for path in stored]
    assert call(monkeypatch, *words, "--json") == 0
    (found,) = json.loads(capsys.readouterr().out)
    assert before == [path.stat().st_mtime_ns for path in stored], "nothing is computed anew"
    assert found["agrees"] and (found["reference_runs"], found["fresh_runs"]) == (32, 32)
    measures = {"jitter(validation_loss)", "level(validation_loss)"}
    measures |= {"run_spread(validation_loss)"}
    assert {row["measure"] for row in found["rows"]} == measures
    assert len(found["rows"]) == 2 * len(measures)
    for row in found["rows"]:
        assert row["first"] != row["second"], "the seeds are new"
        assert row["outcome"] in ("agrees", "open")


def test_an_altered_engine_differs(places: list[str], tmp_path: Path):
    words = ["verify", "heavy", "--device", "inline", *places, "--results", str(tmp_path)]
    ended = subprocess.run(
        [sys.executable, "-c", ALTERED, *words], cwd=ROOT, text=True, capture_output=True
    )
    assert ended.returncode == 1, ended.stderr
    assert "heavy DIFFERS from the reference" in ended.stdout


def test_without_a_reference_it_refuses(places, tmp_path: Path, capsys, monkeypatch):
    elsewhere = [*places[:3], str(tmp_path)]
    assert call(monkeypatch, "verify", "heavy", *elsewhere) == 2
    (sentence,) = capsys.readouterr().err.splitlines()
    assert sentence.startswith("There are no reference results of 'heavy' at scale 'quick'")
    assert call(monkeypatch, "verify", *places) == 2
    assert "give --all" in capsys.readouterr().err
    assert call(monkeypatch, "verify", "heavy", *places, "--scale", "paper") == 2


def test_seeds_of_blocks_begin_at_the_first(places: list[str], tmp_path: Path):
    resolved = load_file(Path(places[1]) / "heavy.py").resolve(seeds=40)
    fresh = Results.at(replace(resolved, first_seed=1000), tmp_path)
    seeds = [block.seeds for block in fresh.blocks(resolved.conditions[0])]
    assert seeds == [range(1000, 1032), range(1032, 1040)]
