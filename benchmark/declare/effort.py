"""Rough costs, for ordering work, showing progress and telling people what to expect."""

from benchmark.declare.condition import Condition
from benchmark.declare.scenario import Resolved

_UNITS_PER_SECOND = 450_000
"""Measured on one core of 2024 with a small perceptron; machines differ by a factor of two."""
_COMPILE_SECONDS = 4.0
_CORES = 2


def run_effort(condition: Condition) -> float:
    """Effort of one run, in units of one training sample of a small perceptron.

    A step costs as much as four samples even if it has none; a forward pass a third of a
    training step.
    """
    steps, samples = condition.steps_per_epoch, condition.task.samples
    weight = condition.model.effort
    training = steps * (4 + weight * condition.batch_size)
    looking = weight * samples / 3 if condition.training.order != "fresh" else 0.0
    probing = sum(probe.effort(condition) * weight / probe.every for probe in condition.probes)
    return condition.training.epochs * (training + looking + probing)


def expected_seconds(resolved: Resolved) -> float:
    """Running time of a scenario on two cores, compilation included."""
    conditions = resolved.conditions
    lanes = resolved.scenario.lanes
    total = sum(map(run_effort, conditions)) * resolved.seeds / _UNITS_PER_SECOND
    groups = len({condition.group for condition in conditions})
    # Lanes side by side share what every step costs.
    return 5 + (total / min(lanes, 30) + groups * _COMPILE_SECONDS) / _CORES
