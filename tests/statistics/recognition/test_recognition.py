"""Fingerprints and confusions: causes are told apart, and noise is not named."""

import dataclasses

import numpy as np
import pytest

from benchmark import Cause
from benchmark.statistics.attribution.causes import outcome_measures
from benchmark.statistics.attribution.effects import (
    OUTCOMES,
    PREFIXES,
)
from benchmark.statistics.recognition.classifier import confusion, confusions, named, recognised
from benchmark.statistics.recognition.features import FEATURES, feature_measures
from benchmark.statistics.recognition.fingerprints import Labelled, fingerprints, labelled
from helpers.switched import SEEDS, curves, declared, result

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
