"""`verify`: agrees with itself, and sees an engine that was altered."""

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import benchmark
from benchmark.answers.agreement import Agreement, Judged, agreements, tallies, together
from benchmark.answers.answer import condition_results, judged
from benchmark.answers.publish import make_reference
from benchmark.cli.app import main
from benchmark.declare.load import load_file
from benchmark.execution.run import Options
from benchmark.execution.run import run as execute
from benchmark.statistics.claims.verdicts import Verdict
from benchmark.statistics.inference.equivalence import (
    Compared,
    compare_means,
    compare_shares,
    compare_spreads,
    noticeable,
)
from benchmark.statistics.inference.intervals import Interval
from benchmark.statistics.inference.multiplicity import holm
from benchmark.statistics.measures import (
    Diverged,
    Jitter,
    Level,
    RelativeJitter,
    RunSpread,
    VonNeumann,
)
from benchmark.statistics.selection import ConditionResult
from benchmark.store.reference import Reference
from benchmark.store.results import Results

ROOT = Path(benchmark.__file__).parents[1]
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
    assert many.inside and many.difference.low < many.difference.estimate < many.difference.high
    assert many.difference.estimate == pytest.approx(many.second / many.first, rel=0.01)


def test_numbers_without_noise():
    same = compare_means(np.full(8, 2.0), np.full(5, 2.0))
    assert (same.difference.estimate, same.p, same.inside) == (1.0, 1.0, True)
    apart = compare_means(np.full(8, 2.0), np.full(5, 2.2))
    assert apart.p < 0.001 and not apart.inside
    assert compare_means(np.full(8, 2.0), np.full(5, 2.08)).inside
    assert compare_means(np.zeros(8), np.full(8, 1e-9), resolution=1e-8).inside
    assert not compare_means(np.zeros(8), np.full(8, 1e-9)).inside
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
    assert none.difference.high == pytest.approx(
        2.7055 / (32 + 2.7055), rel=1e-3
    )  # Wilson's, 0 of 32
    few = compare_shares(of(20, 400), of(36, 400))
    assert few.p < 0.05 and few.inside
    far = compare_shares(of(0, 32), of(16, 32))
    assert far.p < 1e-4 and not far.inside


def test_round_off_is_not_compared_with_round_off():
    """3e-16 and 4e-16 differ surely, but not beyond a resolution of 1e-13."""
    generator = np.random.default_rng(6)
    first, second = (size * generator.normal(1, 0.05, 32) for size in (3e-16, 4e-16))
    seen, blind = compare_means(first, second), compare_means(first, second, 1e-13)
    assert seen.p < 1e-9 and not seen.inside
    assert (blind.p, blind.inside) == (1.0, True)
    # The same number of digits apart above the resolution is seen as before.
    above = compare_means(first * 1e6, second * 1e6, 1e-13)
    assert above.p < 1e-9 and not above.inside and above.scale == "ratio"
    # And a sample that has sunk into rounding differs from one that has not.
    sunk = compare_means(generator.normal(1, 0.1, 32), second, 1e-13)
    assert sunk.p < 1e-9 and not sunk.inside
    narrow, wide = (generator.normal(0, size, 32) for size in (1e-9, 5e-9))
    assert compare_spreads(narrow, wide).p < 1e-3
    assert compare_spreads(narrow, wide, 1e-6).inside
    assert not compare_spreads(narrow, 1e9 * wide, 1e-6).inside


@pytest.mark.parametrize("resolution", [0.0, 0.4])
def test_a_difference_within_the_resolution_is_none(resolution):
    """With a true difference of the resolution p is uniform at most."""
    generator = np.random.default_rng(7)
    p = [
        compare_means(
            generator.normal(0, 1, 32), generator.normal(resolution, 1, 32), resolution
        ).p
        for _ in range(400)
    ]
    assert np.mean(np.array(p) < 0.05) < 0.08


@pytest.mark.parametrize(
    ("runs", "level"), [((32, 32), 0.05 / 40), ((32, 32), 0.05), ((128, 16), 0.05 / 40)]
)
def test_what_is_noticeable_is_noticed_in_four_of_five_cases(runs, level):
    generator = np.random.default_rng(8)

    def pair(shift: float) -> Compared:
        return compare_means(
            generator.normal(0, 1, runs[0]), generator.normal(shift, 1, runs[1])
        )

    shift = float(np.median([noticeable(pair(0.0), level) for _ in range(60)]))
    found = [pair(shift) for _ in range(400)]
    assert 0.74 < np.mean([each.p < level and not each.inside for each in found]) < 0.93


def test_few_runs_notice_nothing():
    generator = np.random.default_rng(9)
    few = compare_means(generator.normal(0, 1, 4), generator.normal(0, 1, 4))
    # Ranks of four and four runs have a p of 0.03 at least.
    assert noticeable(few, 0.01) == np.inf and 2 < noticeable(few, 0.05) < 6
    none = compare_shares(np.zeros(32, bool), np.zeros(32, bool))
    shift = noticeable(none, 0.05)
    drawn = np.random.default_rng(10).random((400, 32)) < shift
    power = np.mean([compare_shares(np.zeros(32, bool), so).p < 0.05 for so in drawn])
    assert 0.7 < power < 0.9
    assert noticeable(compare_shares(np.zeros(2, bool), np.zeros(2, bool)), 0.05) == np.inf


# --- tables -------------------------------------------------------------------------------


def result(name: str, ends: np.ndarray) -> ConditionResult:
    curves = np.asarray(ends, dtype=np.float64)[:, None] * np.ones(4)
    return ConditionResult(name, None, {"dose": name}, {"train_loss": curves})


def test_rows_of_missing_and_diverged_runs():
    generator = np.random.default_rng(5)
    whole, broken = generator.normal(5, 1, (2, 32))
    broken[:20] = np.nan
    measures = [Level("train_loss"), Diverged(), RunSpread("absent")]
    (rows,) = together(
        [
            agreements(
                [result("a", whole), result("b", whole), result("c", whole)],
                [result("b", broken), result("a", generator.normal(5, 1, 32))],
                measures,
            )
        ]
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
        held = Compared("ratio", 1.0, 1.0, Interval(difference, 0.0, 1.0), 1.5, p, inside)
        return Agreement("x", str(difference), "m", held, p)

    rows = [row(1.1, 1e-9, True), row(0.5, 0.4, False), row(1.9, 0.4, False)]
    assert tallies(rows)[0].worst.about == "0.5"
    assert rows[0].outcome == "agrees", "a difference within the margin does not count"
    assert tallies([*rows, row(3.0, 1e-4, False)])[0].worst.about == "3.0"


def table(generator: np.random.Generator, shift: float, name: str) -> list[Agreement]:
    """Five conditions of 32 runs with a mean, which is shifted, an SD and no divergence."""
    measures = [Level("train_loss"), RunSpread("train_loss"), Diverged()]

    def condition(number: int, by: float) -> ConditionResult:
        values = generator.normal(by, 1, 32), generator.normal(0, 1, 32), np.zeros(32)
        known = dict(zip((m.name for m in measures), values, strict=True))
        return ConditionResult(f"{name}{number}", None, {}, {}, known)

    first, second = ([condition(i, by) for i in range(5)] for by in (0, shift))
    return agreements(first, second, measures)


def test_a_shift_of_one_and_a_half_sds_is_found():
    rows = table(np.random.default_rng(12), 1.5, "a")
    found = [
        row.outcome
        for table in together([rows, *([rows] * 7)])
        for row in table
        if row.measure == "level(train_loss)"
    ]
    assert found.count("differs") >= 0.8 * len(found)


def test_the_family_is_the_call():
    """What differs alone does not among many."""
    compared = Compared("ratio", 1, 1, Interval(2, 1, 3), 1.5, 0.01, False, (9, 9))
    row = Agreement("x", "", "m", compared, 1)
    calm = [replace(row, compared=row.compared and row.compared._replace(p=0.9))] * 4
    assert together([[row]])[0][0].outcome == "differs"
    assert together([[row], calm])[0][0].outcome == "open"
    unknown = [replace(row, compared=None)] * 40
    (first, others) = together([[row], unknown])
    assert first[0].outcome == "differs", "what is not compared does not count"
    assert {each.outcome for each in others} == {"rounding"}
    assert tallies([row, *unknown])[0].agree + tallies([row, *unknown])[0].open == 1


def test_rounding_below_the_resolution_of_the_curves():
    """Jitter of what single precision made of a constant: one machine's against another's."""
    generator = np.random.default_rng(13)

    def machine(name: str, units: float) -> ConditionResult:
        noise = generator.normal(0, units * 2**-23, (32, 20))
        return ConditionResult(name, None, {}, {"train_loss": 2.3 + noise})

    measures = [Jitter("train_loss"), VonNeumann("train_loss"), RelativeJitter("train_loss")]
    (rows,) = together([agreements([machine("a", 0.5)], [machine("a", 1.5)], measures)])
    said = {row.measure: row.outcome for row in rows}
    assert said == {
        "jitter(train_loss)": "agrees",
        "von_neumann(train_loss)": "rounding",
        "relative_jitter(train_loss)": "agrees",
    }
    real = [machine("a", 500), machine("a", 1500)]
    (rows,) = together([agreements([real[0]], [real[1]], measures)])
    assert [row.outcome for row in rows] == ["differs", "agrees", "differs"]


def test_reversed_and_moved_verdicts():
    def says(verdict) -> Verdict:
        return Verdict("c", "s", verdict)

    pairs = {
        ("supported", "supported"): "same",
        ("supported", "refuted"): "reversed",
        ("refuted", "supported"): "reversed",
        ("undecided", "refuted"): "moved",
        ("depends", "refuted"): "moved",
        ("supported", "depends"): "moved",
    }
    for both, outcome in pairs.items():
        assert Judged(*map(says, both)).outcome == outcome


# --- the command --------------------------------------------------------------------------


@pytest.fixture(scope="module")
def places(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """A scenario with a reference, as options of the command line."""
    folder = tmp_path_factory.mktemp("verify")
    (folder / "heavy.py").write_text(HEAVY)
    resolved = load_file(folder / "heavy.py").resolve()
    execute(resolved, folder / "own", Options("inline"))
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
    assert "of 1 verdicts 1 are the same" in out
    assert "over all 6 comparisons of this call, 1 scenario" in out
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
        assert row["noticeable"] > 1 and row["runs"] == [32, 32]
    assert 0.8 < found["noticeable_sds"] < 1.5
    claims = [("rises", "supported", "supported", "same")]
    assert [tuple(claim.values()) for claim in found["claims"]] == claims


def test_an_altered_engine_differs(places: list[str], tmp_path: Path):
    words = ["verify", "heavy", "--device", "inline", *places, "--results", str(tmp_path)]
    ended = subprocess.run(
        [sys.executable, "-c", ALTERED, *words], cwd=ROOT, text=True, capture_output=True
    )
    assert ended.returncode == 1, ended.stderr
    assert "heavy DIFFERS from the reference" in ended.stdout


def test_a_reversed_verdict_differs(places, tmp_path: Path, capsys, monkeypatch):
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
    assert call(monkeypatch, *words, "--seeds", "16") == 1
    out = " ".join(capsys.readouterr().out.split())
    assert "'rises' is supported in the reference and refuted here: it DIFFERS." in out
    assert "heavy DIFFERS from the reference" in out and "0 differ;" in out
    assert "0 moved to or from undecided or depends, 1 are reversed" in out


@pytest.mark.parametrize("seeds", [-5, 0, 1])
def test_too_few_seeds_are_refused_as_run_does(places, seeds, tmp_path, capsys, monkeypatch):
    for command, options in (("run", places[:2]), ("verify", places)):
        words = [command, "heavy", *options, "--seeds", seeds]
        assert call(monkeypatch, *words, "--results", tmp_path) == 2
        (sentence,) = capsys.readouterr().err.splitlines()
        assert sentence == f"seeds is {seeds}, but must be at least 2."
    assert not any(tmp_path.iterdir())


def test_agreement_of_nothing_is_not_agreement(places, tmp_path: Path, capsys, monkeypatch):
    """Two runs are fewer than a comparison needs, and nothing diverges or is missing."""
    words = ["verify", "heavy", "--device", "inline", *places, "--results", tmp_path]
    assert call(monkeypatch, *words, "--seeds", "2") == 1
    out = " ".join(capsys.readouterr().out.split())
    assert "nothing could be compared" in out and "heavy agrees" not in out
    assert call(monkeypatch, *words, "--seeds", "2", "--json") == 1
    (found,) = json.loads(capsys.readouterr().out)
    assert not found["agrees"] and found["comparisons"] == 0


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


def test_the_reference_keeps_resolutions(places: list[str], tmp_path: Path):
    resolved = load_file(Path(places[1]) / "heavy.py").resolve()
    execute(resolved, tmp_path, Options("inline"))
    own = condition_results(Results.at(resolved, tmp_path))
    held = condition_results(Reference.at(resolved, Path(places[3]), tmp_path))
    for measure in judged(resolved.scenario):
        for mine, kept in zip(own, held, strict=True):
            told, exact = kept.resolution(measure), mine.resolution(measure)
            assert told is not None and exact is not None and exact.min() > 0
            assert ((exact <= told) & (told <= 2 * exact)).all()
