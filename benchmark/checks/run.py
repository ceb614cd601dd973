"""All checks, and how they are run."""

from collections.abc import Sequence
from pathlib import Path

from benchmark.checks import (
    descent,
    edge,
    interpolation,
    noise,
    normalisation,
    order,
    quadratic,
    regression,
    reported,
    seeds,
    validation,
)
from benchmark.checks.check import Check, Comparison, Scale
from benchmark.declare.errors import one_of, require
from benchmark.execution.run import Listener, Options, run
from benchmark.store.results import Results

_CHECKS = (
    quadratic.sgd_floor,
    quadratic.texture,
    quadratic.rate_cut,
    quadratic.adam_floor,
    regression.floor,
    regression.critical_rate,
    regression.flips,
    order.reshuffled_floor,
    order.reshuffled_noise,
    order.sorted_data,
    order.ragged_batch,
    noise.gradient_noise,
    edge.edge,
    descent.descent,
    interpolation.double_descent,
    seeds.accuracy_variance,
    normalisation.statistics,
    normalisation.drift,
    reported.running_loss,
    reported.training_mode,
    validation.partial_pass,
    validation.mixtures,
)


def all_checks(scale: Scale = "full") -> list[Check]:
    """Every check at a scale: "quick" for tests, "full" for numbers to print.

    Raises:
        UserError: unknown scale.
    """
    one_of("scale", scale, ("quick", "full"))
    return [make(scale) for make in _CHECKS]


def run_checks(
    checks: Sequence[Check],
    root: Path,
    options: Options | None = None,
    listener: Listener | None = None,
) -> list[Comparison]:
    """Compute what is missing of the checks' scenarios below `root`, and compare.

    Raises:
        UserError: runs are missing afterwards, or as `benchmark.execution.run.run` says.
    """
    resolved = [check.scenario.resolve() for check in checks]
    report = run(resolved, root, options or Options(), listener)
    comparisons: list[Comparison] = []
    for check, each in zip(checks, resolved, strict=True):
        stored = Results.at(each, root).all_runs()
        there = sum(len(runs.seeds) for runs in stored)
        wanted = each.seeds * len(each.conditions)
        require(
            there == wanted,
            f"{check.name} needs {wanted} runs, but {there} are stored. "
            f"{'; '.join(report.failures)}",
        )
        comparisons += check.compare(stored)
    return comparisons
