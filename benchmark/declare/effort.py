"""Rough costs, for ordering work, showing progress and telling people what to expect."""

from collections.abc import Hashable, Iterable, Sequence

from benchmark.declare.condition import Condition
from benchmark.declare.scenario import Resolved

UNITS_PER_SECOND = 900_000
"""Measured on one core of 2024 with a small perceptron; machines differ by a factor of two."""
COMPILE_SECONDS = 4.0
"""For one group of conditions, with a cold cache."""
_CORES = 2
_SIDE_BY_SIDE = 30
"""Lanes beyond this many no longer share what every step costs."""


def run_effort(*views: Condition) -> float:
    """Effort of one run, in units of one training sample of a small perceptron.

    A step costs as much as four samples even if it has none; a forward pass a third of a
    training step.

    Args:
        views: conditions that are equal in training, which is done once.
    """
    condition, steps = views[0], views[0].steps_per_epoch
    weight = condition.model.effort(condition.task.side)
    training = steps * (4 + weight * condition.batch_size)
    looking = sum(
        weight * _looked_at(view) / 3 / view.training.evaluate_every
        for view in views
        if condition.training.order != "fresh"
    )
    probing = sum(probe.effort(condition) * weight / probe.every for probe in condition.probes)
    return condition.training.epochs * (training + looking + probing)


def _looked_at(view: Condition) -> int:
    """Samples that are evaluated at the end of an epoch."""
    sample = view.evaluation.train_samples
    return view.task.looked_at - (0 if sample is None else view.task.samples - sample)


def block_effort(views: Sequence[Condition], count: int, lanes: int) -> float:
    """Effort of so many runs with these views, of which so many go side by side."""
    return count * run_effort(*views) / min(lanes, count, _SIDE_BY_SIDE)


def trainings(conditions: Iterable[Condition]) -> list[list[Condition]]:
    """Conditions that are views of the same runs, together."""
    together: dict[Hashable, list[Condition]] = {}
    for condition in conditions:
        known = condition.in_training
        together.setdefault((known.id, known.template), []).append(condition)
    return list(together.values())


def expected_seconds(resolved: Resolved) -> float:
    """Running time of a scenario on two cores, compilation included."""
    conditions = resolved.conditions
    lanes = resolved.scenario.lanes
    total = sum(block_effort(v, resolved.seeds, lanes) for v in trainings(conditions))
    groups = len({condition.group for condition in conditions})
    return 5 + (total / UNITS_PER_SECOND + groups * COMPILE_SECONDS) / _CORES
