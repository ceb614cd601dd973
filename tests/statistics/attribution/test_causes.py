"""Causes, cures and fingerprints: known effects are recovered, and noise is not named."""

import dataclasses
import json
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from benchmark import Cause, Cure, Scenario, UserError, find
from benchmark.cli.app import app
from benchmark.declare.causes import CAUSES
from benchmark.execution.run import Options
from benchmark.execution.run import run as execute
from benchmark.statistics.attribution.causes import change, observe, outcome_measures, table
from benchmark.statistics.attribution.effects import (
    ACCURACY,
    JITTER,
    LOSS,
    OUTCOMES,
    PREFIXES,
    TRAINING_JITTER,
    looked_at,
    pairs,
    simultaneous,
)
from benchmark.statistics.recognition.classifier import confusion, confusions, named, recognised
from benchmark.statistics.recognition.features import FEATURES, feature_measures
from benchmark.statistics.recognition.fingerprints import Labelled, fingerprints, labelled
from benchmark.statistics.selection import ConditionResult, Unanswerable

BATCH, ORDER = "training.batch_size", "training.order"
SEEDS, EPOCHS = 24, 40
OFF, ON = {BATCH: 64}, {BATCH: 4}


def curves(jitter, level=0.5, seeds=SEEDS, seed=0):
    """Series of runs whose losses jitter by `jitter` about `level`, [run, epoch]."""
    draw = np.random.default_rng(seed)
    loss = level + jitter * draw.standard_normal((2, seeds, EPOCHS))
    accuracy = 0.8 + jitter * draw.standard_normal((2, seeds, EPOCHS))
    names = ("validation", "running_train")
    return {f"{name}_loss": loss[i] for i, name in enumerate(names)} | {
        f"{name}_accuracy": accuracy[i] for i, name in enumerate(names)
    }


def result(settings, series):
    return ConditionResult(str(settings), None, settings, series)


def declared(*switches):
    """A stored scenario with other causes and cures."""
    causes = tuple(s for s in switches if isinstance(s, Cause))
    cures = tuple(s for s in switches if isinstance(s, Cure))
    return dataclasses.replace(find("batch_size"), causes=causes, cures=cures)


# --- declarations -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda: Cause("small batches", OFF, ON), "Did you mean 'small batch'"),
        (lambda: Cause("small batch", OFF, OFF), "compares .* with itself"),
        (lambda: Cause("small batch", {}, {}, curves=("train", "nothing")), "curves are"),
        (lambda: Cause("small batch", 64, 4), "must map settings paths"),  # pyright: ignore[reportArgumentType]
        (lambda: Cure("", "small batch", ON, OFF), "must be words"),
        (lambda: Cure("larger batch", "drop-out", ON, OFF), "Did you mean 'dropout'"),
    ],
)
def test_wrong_declarations_say_what_is_wrong(make, said):
    with pytest.raises(UserError, match=said):
        make()


def test_the_vocabulary_has_no_doubles():
    assert len(set(CAUSES)) == len(CAUSES)
    assert all(name == name.strip() and name[0].islower() for name in CAUSES)


def test_changes_are_said_in_words():
    assert change(Cause("small batch", OFF, ON)) == "batch size 64 → 4"
    cure = Cure("evaluation at the end", "dropout", {}, {}, curves=("running_train", "train"))
    assert change(cure) == "running train → train"


# --- paired effects -----------------------------------------------------------------------


def test_a_known_factor_is_recovered():
    """Jitter is doubled exactly, run by run; the level stays."""
    calm = curves(0.02)
    wild = {name: held + (held - held.mean(1, keepdims=True)) for name, held in calm.items()}
    results = [result(OFF, calm), result(ON, wild)]
    switches = Cause("small batch", OFF, ON), Cure("larger batch", "small batch", ON, OFF)
    (cause,), (cure,) = map(table, observe(declared(*switches), results))
    assert (cause.cause, cause.cure, cause.strata) == ("small batch", None, 1)
    assert [effect.outcome for effect in cause.effects] == [o.name for o in OUTCOMES]
    jitter, back = cause.on(JITTER), cure.on(JITTER)
    assert jitter.runs == SEEDS
    assert jitter.number.estimate == pytest.approx(
        2.0
    ) and back.number.estimate == pytest.approx(0.5)
    level, accuracy = cause.on(LOSS), cause.on(ACCURACY)
    assert level.log and level.number.low is not None and level.number.high is not None
    assert level.number.low <= 1.0 <= level.number.high
    assert not accuracy.log and accuracy.number.estimate == pytest.approx(0.0, abs=0.01)


def test_rows_are_sorted_by_their_factor():
    series = [curves(size, seed=1) for size in (0.01, 0.02, 0.08)]
    results = [
        result({BATCH: batch}, held) for batch, held in zip((64, 8, 4), series, strict=True)
    ]
    small, smallest = (Cause("small batch", OFF, {BATCH: batch}) for batch in (8, 4))
    causes, _ = observe(declared(small, smallest), results)
    rows = table(causes)
    assert [row.change for row in rows] == ["batch size 64 → 4", "batch size 64 → 8"]
    found = [row.on(JITTER).number.estimate for row in rows]
    assert found == pytest.approx([8.0, 2.0], rel=1e-6)


def test_pairs_agree_in_all_other_settings():
    results = [
        result({BATCH: batch, ORDER: order}, curves(0.01))
        for order in ("reshuffle", "sorted")
        for batch in (64, 4)
    ]
    found = pairs(results, Cause("small batch", OFF, ON))
    assert [(off[0].id, on[0].id) for off, on in found] == [
        (results[0].id, results[1].id),
        (results[2].id, results[3].id),
    ]
    (only,) = pairs(results, Cause("small batch", OFF, ON, where={ORDER: "sorted"}))
    assert only[1] == [results[3]]
    with pytest.raises(Unanswerable, match="no condition has"):
        pairs(results, Cause("small batch", OFF, {BATCH: 7}))


def test_strata_are_averaged_per_seed():
    sizes = {("a", 64): 0.01, ("a", 4): 0.02, ("b", 64): 0.01, ("b", 4): 0.08}
    results = [
        result({ORDER: order, BATCH: batch}, curves(size, seed=2))
        for (order, batch), size in sizes.items()
    ]
    causes, _ = observe(declared(Cause("small batch", OFF, ON)), results)
    (row,) = table(causes)
    assert row.strata == 2
    assert row.on(JITTER).number.estimate == pytest.approx(4.0, rel=1e-6), (
        "geometric mean of 2 and 8"
    )


def test_a_diverged_side_has_no_value():
    broken = {name: np.full_like(held, np.nan) for name, held in curves(0.1).items()}
    results = [result(OFF, curves(0.01)), result(ON, broken)]
    causes, _ = observe(declared(Cause("small batch", OFF, ON)), results)
    (row,) = table(causes)
    assert all(effect.number.estimate is None and effect.runs == 0 for effect in row.effects)
    assert json.dumps(row.as_json())


def test_the_curves_looked_at_follow_the_settings():
    assert looked_at({"evaluation.steps": 4}) == "seen_"
    assert looked_at({"evaluation.steps": None, "training.average": 0.9}) == "average_"
    assert looked_at({"training.early_stopping": "EarlyStopping"}) == "selected_"
    assert looked_at({}) == ""
    calm, wild = curves(0.01, seed=3), curves(0.04, seed=3)
    results = [
        result({"evaluation.steps": None}, calm),
        result(
            {"evaluation.steps": 4},
            calm | {f"seen_{n}": v for n, v in wild.items() if n.startswith("validation")},
        ),
    ]
    partial = Cause("small validation set", {"evaluation.steps": None}, {"evaluation.steps": 4})
    causes, _ = observe(declared(partial), results)
    (row,) = table(causes)
    assert row.on(JITTER).number.estimate == pytest.approx(4.0, rel=1e-6)


def test_a_cure_can_be_to_look_at_another_curve():
    series = curves(0.04, seed=4)
    series["train_loss"] = curves(0.01, seed=4)["running_train_loss"]
    cure = Cure("evaluation at the end", "dropout", {}, {}, curves=("running_train", "train"))
    _, cures = observe(declared(cure), [result({BATCH: 4}, series)])
    (row,) = table(cures)
    assert row.on(TRAINING_JITTER).number.estimate == pytest.approx(0.25, rel=1e-6)
    assert row.on(JITTER).number.estimate is None, "validation is the same curve"


def test_intervals_hold_together():
    """Of 400 tables of 20 null effects, about 5 % have any interval that misses 0."""
    draw = np.random.default_rng(5)
    missed = 0
    for _ in range(400):
        cells = simultaneous(list(draw.standard_normal((20, 12))))
        missed += any(number.excludes(0.0) for number, _ in cells)
    assert 6 <= missed <= 36, "3 SDs of a binomial about 20"


def test_undefined_rows_cost_nothing():
    row = np.random.default_rng(6).standard_normal(10)
    nothing = np.full(10, np.nan)
    alone, among = simultaneous([row])[0], simultaneous([nothing, row, nothing])[1]
    assert alone == among
    assert all(map(np.isnan, simultaneous([nothing])[0][0]))


# --- fingerprints and confusions ----------------------------------------------------------

NAMES = ("healthy", "small batch", "dropout", "sorted data")


def features(shifts, seeds=SEEDS, systems=2, seed=7):
    """Labelled runs whose features are `shifts` [cause, feature] plus standard noise."""
    draw = np.random.default_rng(seed)
    shifts = np.asarray(shifts, dtype=np.float64)
    wide = np.zeros((len(shifts), len(FEATURES)))
    wide[:, : shifts.shape[1]] = shifts
    places = [(s, c) for s in range(systems) for c in range(len(shifts))]
    values = [wide[c] + draw.standard_normal((seeds, len(FEATURES))) for _, c in places]
    return Labelled(
        np.concatenate(values),
        np.repeat([c for _, c in places], seeds),
        np.repeat([s for s, _ in places], seeds),
        np.tile(np.arange(seeds), len(places)),
        NAMES[: len(shifts)],
        tuple(f"system {s}" for s in range(systems)),
        (),
    )


def test_separable_causes_are_named():
    for found in confusions(features(8 * np.eye(4))):
        assert found.accuracy.estimate > 0.95
        assert found.mixed_up == ()
        assert np.allclose(np.sum(found.shares, axis=1), 1)
        assert found.runs == 2 * 4 * SEEDS and found.chance == 0.25
    assert [found.held_out for found in confusions(features(np.eye(4)))] == ["runs", "systems"]


def test_inseparable_causes_are_named_by_chance():
    for found in confusions(features(np.zeros((4, 1)), seeds=60)):
        assert 0.15 < found.accuracy.estimate < 0.35
        assert len(found.mixed_up) == 6, "every pair"


def test_twins_are_reported_as_a_pair():
    """Two of the causes do the same: those two are mixed up, and no others."""
    found = confusion(features(8 * np.eye(4)[[0, 1, 2, 2]], seeds=60), "runs")
    assert [set(pair.causes) for pair in found.mixed_up] == [{"dropout", "sorted data"}]
    assert found.mixed_up[0].rate == pytest.approx(0.5, abs=0.15)
    assert found.accuracy.low < found.accuracy.estimate < found.accuracy.high


def test_what_systems_do_not_share_does_not_help_on_a_new_one():
    runs = features(8 * np.eye(4))
    mirrored = runs.features.copy()
    mirrored[runs.systems == 1] *= -1
    runs = dataclasses.replace(runs, features=mirrored)
    assert confusion(runs, "runs").accuracy.estimate > 0.9
    assert confusion(runs, "systems").accuracy.estimate < 0.4


def test_names_are_deterministic_and_missing_values_allowed():
    runs = features(4 * np.eye(4))
    runs.features[::3, 1] = np.nan
    runs.features[:, -1] = np.nan
    assert np.array_equal(named(runs, "runs"), named(runs, "runs"))
    assert confusion(runs, "runs").accuracy.estimate > 0.6


def test_fingerprints_are_shifts_in_sds():
    shifts = np.array([[0.0, 0.0], [3.0, 0.0], [0.0, -2.0]])
    rows = fingerprints(features(shifts, seeds=400))
    assert [row.system for row in rows[::2]] == ["all", "system 0", "system 1"]
    first, second = rows[:2]
    assert (first.cause, second.cause) == NAMES[1:3]
    assert first.marks[0].shift.estimate == pytest.approx(3.0, abs=0.2)
    assert second.marks[1].shift.estimate == pytest.approx(-2.0, abs=0.2)
    assert first.marks[0].shift.surely_above(2.5)
    quiet = first.marks[1]
    assert quiet.shift.whole and not quiet.clear


SYSTEMS = ("digits", "images")


def told_apart():
    """A scenario with two systems, and its conditions: calm, wild, and at a high level."""
    kinds = {"healthy": (0.01, 0.5), "small batch": (0.05, 0.5), "dropout": (0.01, 1.5)}
    results = [
        result({"arm": arm, "cause": kind}, curves(jitter, level, seed=8 + 3 * i + k))
        for i, arm in enumerate(SYSTEMS)
        for k, (kind, (jitter, level)) in enumerate(kinds.items())
    ]
    causes = [Cause(k, {"cause": "healthy"}, {"cause": k}) for k in list(kinds)[1:]]
    return dataclasses.replace(declared(*causes), fingerprints=True), results


def test_runs_are_labelled_by_the_declared_causes():
    scenario, results = told_apart()
    runs = labelled(scenario, results)
    assert runs is not None
    assert (runs.names, runs.arms) == (("healthy", "small batch", "dropout"), SYSTEMS)
    assert runs.features.shape == (6 * SEEDS, len(FEATURES))
    jitter = runs.features[:, 0].reshape(6, SEEDS).mean(1)
    by_hand = np.log(FEATURES[0].measures("")[0].evaluate(results[0].series) + 1e-4)
    assert np.allclose(runs.features[:SEEDS, 0], by_hand), "healthy comes first"
    assert np.ptp(jitter) > 1
    for found in confusions(runs):
        assert found.accuracy.estimate > 0.9
    assert labelled(scenario, results[:-1]) is None, "a system lacks a cause"


def test_recognition_becomes_a_series():
    scenario, results = told_apart()
    added = recognised(scenario, results)
    names = {"named_among_runs", "named_among_systems"}
    for before, after in zip(results, added, strict=True):
        healthy = before.settings["cause"] == "healthy"
        more = {f"all_{name}" for name in names} if healthy else set()
        assert names | more == after.series.keys() - before.series.keys()
        assert after.series["named_among_runs"].shape == (SEEDS,)
        assert set(after.series["named_among_runs"]) <= {0.0, 1.0}
    shares = np.mean([r.series["named_among_runs"] for r in added[:3]], axis=0)
    assert np.allclose(shares, added[0].series["all_named_among_runs"])
    assert recognised(scenario, results[:-1]) == results[:-1]


def test_all_measures_that_are_needed_are_listed():
    features = {measure.name for measure in feature_measures()}
    assert {
        m.name for f in FEATURES for p in PREFIXES["validation"] for m in f.measures(p)
    } == features
    outcomes = {measure.name for measure in outcome_measures()}
    assert {m.name for outcome in OUTCOMES for m in outcome.measures()} == outcomes


# --- the command --------------------------------------------------------------------------

SMALL = """
from benchmark import (
    SGD, Cause, Claim, Condition, Cure, Decreases, Jitter, Point, Quadratic, Scenario, Training,
)

BATCH = "training.batch_size"
scenario = Scenario(
    question="Does a small batch jump?",
    says="A small batch is said to make the loss jump.",
    base=Condition(Quadratic(n_train=64), Point(), SGD(0.2), Training(epochs=16, batch_size=4)),
    vary={BATCH: (2, 32)},
    claims=(Claim("falls", "It falls.", Jitter("validation_loss"), Decreases(BATCH)),),
    causes=(Cause("small batch", {BATCH: 32}, {BATCH: 2}),),
    cures=(Cure("larger batch", "small batch", {BATCH: 2}, {BATCH: 32}),),
    seeds=8,
)
"""


@pytest.fixture(scope="module")
def stored(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """Options of a catalogue with one small scenario that is computed."""
    folder = tmp_path_factory.mktemp("causes")
    (folder / "own").mkdir()
    (folder / "own" / "small.py").write_text(SMALL)
    resolved = find("small", [folder / "own"]).resolve()
    assert not execute(resolved, folder / "results", Options("inline")).failures
    return ["--results", str(folder / "results"), "--scenarios", str(folder / "own")]


def test_causes_are_printed_and_drawn(stored: list[str]):
    done = CliRunner().invoke(app, ["causes", *stored], catch_exceptions=False)
    assert done.exit_code == 0
    for words in ("What each cause does", "What each cure does", "small batch", "larger batch"):
        assert words in done.stdout
    paths = [Path(word) for word in done.stdout.split("figures:")[1].split()]
    assert [path.stem for path in paths] == ["causes", "cures"]
    assert all(path.stat().st_size > 1000 for path in paths)


def test_causes_are_data(stored: list[str]):
    done = CliRunner().invoke(app, ["causes", "--json", *stored], catch_exceptions=False)
    found = json.loads(done.stdout)
    assert found["scenarios"] == ["small"] and found["confusion"] == []
    (cause,), (cure,) = found["causes"], found["cures"]
    jitter = cause["effects"][0]
    assert jitter["low"] > 1, "a batch of 2 jumps more than one of 32"
    assert jitter["estimate"] * cure["effects"][0]["estimate"] == pytest.approx(1.0)
    assert cause["effects"][3]["estimate"] is None, "a regression has no accuracy"
    summary = CliRunner().invoke(
        app, ["summary", "small", "--json", *stored], catch_exceptions=False
    )
    assert {"causes", "cures", "fingerprints", "confusion"} <= json.loads(summary.stdout).keys()


def test_nothing_stored_is_said(tmp_path: Path):
    with pytest.raises(UserError, match="run a scenario first"):
        CliRunner().invoke(app, ["causes", "--results", str(tmp_path)], catch_exceptions=False)


def test_scenarios_without_causes_have_empty_tables():
    scenario = dataclasses.replace(find("batch_size"), causes=(), cures=())
    assert isinstance(scenario, Scenario)
    assert observe(scenario, [result(OFF, curves(0.01))]) == ([], [])
