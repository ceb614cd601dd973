"""The engine reproduces closed forms, and would be caught if it did not."""

import dataclasses
from collections.abc import Iterator

import jax
import pytest

from benchmark.checks import Check, all_checks, run_checks
from benchmark.declare.errors import UserError
from benchmark.declare.paths import with_settings
from benchmark.execution.run import Options

CHECKS = {check.name: check for check in all_checks("quick")}

INLINE = Options(device="inline")


@pytest.fixture(scope="module", autouse=True)
def compiled_as_users_do() -> Iterator[None]:
    jax.config.update("jax_disable_most_optimizations", False)
    yield
    jax.config.update("jax_disable_most_optimizations", True)


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


def test_names_are_unique():
    checks = all_checks("full")
    assert len({check.name for check in checks}) == len(checks)
    assert len({check.scenario.name for check in checks}) == len(checks)


def test_missing_runs_are_an_error(root):
    elsewhere = dataclasses.replace(INLINE, shard="2/2")
    with pytest.raises(UserError, match="needs"):
        run_checks([CHECKS["GT 15 descent"]], root / "nowhere", elsewhere)


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
