"""Rough costs, for ordering work, showing progress and telling people what to expect."""

from benchmark.declare.condition import Condition
from benchmark.declare.scenario import Resolved

UNITS_PER_SECOND = 900_000
"""Measured on one core of 2024 with a small perceptron; machines differ by a factor of two."""
COMPILE_SECONDS = 4.0
"""For one group of conditions, with a cold cache."""
_CORES = 2
_SIDE_BY_SIDE = 30
"""Lanes beyond this many no longer share what every step costs."""


def run_effort(condition: Condition) -> float:
    """Effort of one run, in units of one training sample of a small perceptron.

    A step costs as much as four samples even if it has none; a forward pass a third of a
    training step.
    """
    steps, samples = condition.steps_per_epoch, condition.task.looked_at
    weight = condition.model.effort(condition.task.side)
    training = steps * (4 + weight * condition.batch_size)
    looking = weight * samples / 3 if condition.training.order != "fresh" else 0.0
    probing = sum(probe.effort(condition) * weight / probe.every for probe in condition.probes)
    return condition.training.epochs * (training + looking + probing)


def block_effort(condition: Condition, count: int, lanes: int) -> float:
    """Effort of so many runs, of which so many go side by side."""
    return count * run_effort(condition) / min(lanes, count, _SIDE_BY_SIDE)


def expected_seconds(resolved: Resolved) -> float:
    """Running time of a scenario on two cores, compilation included."""
    conditions = resolved.conditions
    lanes = resolved.scenario.lanes
    total = sum(block_effort(c, resolved.seeds, lanes) for c in conditions)
    groups = len({condition.group for condition in conditions})
    return 5 + (total / UNITS_PER_SECOND + groups * COMPILE_SECONDS) / _CORES
