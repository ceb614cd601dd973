"""The engine reproduces closed forms, and would be caught if it did not."""

import dataclasses
import math
import sys
from concurrent.futures import Future
from subprocess import run

import pytest

from benchmark.checks import Check, Comparison, all_checks, run_checks
from benchmark.checks.verdicts import false_verdicts
from benchmark.declare.errors import UserError
from benchmark.declare.paths import with_settings
from benchmark.execution.run import Options

CHECKS = {check.name: check for check in all_checks("quick")}
INLINE = Options(device="inline")


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    return tmp_path_factory.mktemp("checks")


@pytest.mark.parametrize("name", CHECKS)
def test_ground_truth(name, root):
    comparisons = run_checks([CHECKS[name]], root, INLINE)
    assert comparisons
    missed = [f"{c.name}: {c.simulated} for {c.predicted}" for c in comparisons if not c.holds]
    assert not missed


def believing(check: Check, **wrong) -> Check:
    """`check` whose theory is told of settings other than those that were run."""

    def compare(found):
        settings = {path.replace("__", "."): number for path, number in wrong.items()}
        return check.compare(
            [
                dataclasses.replace(r, condition=with_settings(r.condition, settings))
                for r in found
            ]
        )

    return dataclasses.replace(check, compare=compare)


@pytest.mark.parametrize(
    ("name", "wrong"),
    [
        ("GT 1 SGD floor", {"task__noise": 1.3}),
        ("GT 3 texture", {"optimizer__learning_rate": 0.12}),
        ("GT 4 regression floor", {"task__noise": 0.55}),
        ("GT 5 label flips", {"task__flipped": 0.15}),
        ("GT 6 reshuffled floor", {"optimizer__learning_rate": 0.06}),
        ("GT 8 gradient noise", {"task__noise": 1.0}),
        ("GT 11 Adam floor", {"training__batch_size": 4}),
        ("GT 12 edge of stability", {"optimizer__learning_rate": 0.38}),
        ("GT 15 descent", {"optimizer__learning_rate": 0.401}),
        ("GT 16 double descent", {"task__noise": 0.7}),
        ("GT 17 variance between seeds", {"optimizer__learning_rate": 0.0}),
        ("GT 19 running statistics", {"model__batch_norm": 0.9}),
        ("GT 19 drift", {"model__batch_norm": 0.9}),
        ("GT 20 running metric", {"optimizer__learning_rate": 0.051}),
        ("GT 21 training mode", {"model__dropout": 0.35}),
        ("GT 22 partial validation", {"evaluation__steps": 4}),
        ("GT 23 sorted data", {"optimizer__learning_rate": 0.101}),
        ("GT 24 ragged batch", {"training__last_batch": "keep"}),
        ("GT 25 mixtures", {"task__leak": 0.5}),
    ],
)
def test_a_wrong_engine_is_caught(name, wrong, root):
    """Had the engine run other settings than it was told, the check would fail."""
    comparisons = run_checks([believing(CHECKS[name], **wrong)], root, INLINE)
    assert not all(comparison.holds for comparison in comparisons)


def test_intervals_cover_and_null_claims_get_no_verdict():
    # In a process of its own: checking shapes makes thousands of verdicts ten times as slow.
    code = """
from benchmark.checks import procedures
found = procedures("quick")
print(len(found), [comparison.name for comparison in found if not comparison.holds])
"""
    ran = run([sys.executable, "-W", "error", "-c", code], capture_output=True, text=True)
    count, missed = ran.stdout.split(maxsplit=1)
    assert int(count) > 40 and missed.strip() == "[]", ran.stderr


def test_names_are_unique():
    checks = all_checks("full")
    assert len({check.name for check in checks}) == len(checks)
    assert len({check.scenario.name for check in checks}) == len(checks)


def test_unknown_scale_is_refused():
    with pytest.raises(UserError, match="quick"):
        all_checks("quik")  # pyright: ignore[reportArgumentType]


def test_missing_runs_are_an_error(root):
    elsewhere = dataclasses.replace(INLINE, shard="2/2")
    with pytest.raises(UserError, match="needs"):
        run_checks([CHECKS["GT 15 descent"]], root / "nowhere", elsewhere)


@pytest.mark.parametrize(
    ("comparison", "holds"),
    [
        (Comparison("", 1.0, 1.39, 0.1), True),
        (Comparison("", 1.0, 1.41, 0.1), False),
        (Comparison("", 1.0, 1.50, 0.1, allowance=0.1), True),
        (Comparison("", 1.0, 1.51, 0.1, allowance=0.1), False),
        (Comparison("", 1.0, 9.0, 0.0, at_least=True), True),
        (Comparison("", 1.0, 0.5, 0.1, at_least=True), False),
        (Comparison("", 1.0, 0.1, 0.0, at_most=True), True),
        (Comparison("", 1.0, 1.5, 0.1, at_most=True), False),
        (Comparison("", 0.0, 0.0, 0.0), True),
        (Comparison("", 0.0, 1e-9, 0.0), False),
        (Comparison("", 1.0, math.nan, 0.1), False),
        (Comparison("", 1.0, 1.0, math.nan), False),
    ],
)
def test_the_gate(comparison, holds):
    assert comparison.holds is holds


def test_ratio_and_z():
    comparison = Comparison("", 2.0, 3.0, 0.5)
    assert (comparison.ratio, comparison.z) == (1.5, 2.0)
    assert math.isnan(Comparison("", 0.0, 1.0, 0.0).ratio)


def test_wrong_signs_say_nothing_of_the_noise():
    """GT 5 cannot see such a dependence: by symmetry it leaves the gradient's variance."""
    import jax
    import numpy as np

    from benchmark.tasks import GaussianRegression

    task = GaussianRegression(dimension=4, signal=100.0, noise=1.0, flipped=0.3)
    x, y = task.fresh(task.pool(), jax.random.key(0, impl="threefry2x32"), 20_000)
    signal = 100.0 * np.asarray(x, float).sum(1) / 2
    clear = np.abs(signal) > 10
    wrong = np.sign(y[:, 0]) != np.sign(signal)
    noise = np.asarray(y[:, 0], float) - np.where(wrong, -signal, signal)
    for group in (wrong, ~wrong):
        assert abs(noise[group & clear].mean()) < 4 / np.sqrt(np.sum(group & clear))


def test_an_unbiased_running_variance_is_caught(tmp_path, monkeypatch):
    """Batch statistics that remember n/(n − 1) of a batch's variance, as PyTorch does."""
    from benchmark.models import batch_norm
    from benchmark.training import lanes

    forward = batch_norm._normalise

    def unbiased(x, *others):
        y, (mean, variance) = forward(x, *others)
        count = x.size / x.shape[-1]
        return y, (mean, variance * (count / (count - 1)))

    monkeypatch.setattr(batch_norm, "_normalise", unbiased)
    check = CHECKS["GT 19 running statistics"]
    small = dataclasses.replace(
        check,
        scenario=dataclasses.replace(check.scenario, vary={"model.batch_norm": (0.9,)}),
    )
    lanes._compiler.cache_clear()  # programs are kept by condition, which stays the same
    try:
        comparisons = run_checks([small], tmp_path, INLINE)
    finally:
        lanes._compiler.cache_clear()
    missed = [comparison.name for comparison in comparisons if not comparison.holds]
    assert missed
    assert all("weight of the first variance" in name for name in missed)


class Pool:
    """Stands for the processes that simulate: notes what it is asked, and answers at once."""

    def __init__(self, *_):
        self.asked = []
        Pool.last = self

    last: "Pool"

    def __enter__(self):
        return self

    def __exit__(self, *_):
        pass

    def submit(self, function, *args):
        self.asked.append(args)
        future = Future()
        future.set_result(0.01)
        return future


def test_rates_of_false_verdicts_that_are_known_are_not_simulated_again(tmp_path, monkeypatch):
    monkeypatch.setattr("benchmark.checks.verdicts.ProcessPoolExecutor", Pool)
    found = false_verdicts("full", tmp_path, tell=str)
    assert len(Pool.last.asked) == len(found) == len(list(tmp_path.iterdir())) > 300
    damaged, lost, *_ = sorted(tmp_path.iterdir())

    damaged.write_text("half a num")
    lost.unlink()
    assert false_verdicts("full", tmp_path, tell=str) == found
    assert len(Pool.last.asked) == 2
    assert len(false_verdicts("full", None, tell=str)) == len(found) == len(Pool.last.asked)
