"""Which series the training of a condition records, known without training."""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from benchmark.declare.condition import Condition

Shape = tuple[int, ...]


class Recorded(NamedTuple):
    """The series of a condition.

    Attributes:
        known: name → shape of one run, [epoch] or [epoch, step]; epoch 0 is before training.
        all_known: False if a probe may add series whose names only training can tell.
    """

    known: Mapping[str, Shape]
    all_known: bool


def recorded(condition: Condition) -> Recorded:
    """What every run of the condition leaves behind."""
    shapes = series_shapes(condition)
    of_probes = [probe.series(condition) for probe in condition.probes]
    known = dict.fromkeys(_core(condition), shapes["epoch"])
    if condition.training.log_steps:
        known["step_loss"] = shapes["step"]
    for each in of_probes:
        known |= {name: shapes[kind] for name, kind in (each or {}).items()}
    return Recorded(known, None not in of_probes)


def series_shapes(condition: Condition) -> dict[str, Shape]:
    """Shape of one run's series with a number for each "epoch", or for each "step"."""
    epochs = condition.training.epochs + 1
    return {"epoch": (epochs,), "step": (epochs, condition.steps_per_epoch)}


def _core(condition: Condition) -> Iterator[str]:
    """Names of the series with a number for each epoch, without those of probes."""
    training, evaluation = condition.training, condition.evaluation
    classes = condition.task.loss == "cross_entropy"
    metrics = ("loss", "accuracy") if classes else ("loss",)
    for metric in metrics:
        yield f"running_train_{metric}"
        if evaluation.special:
            yield f"seen_validation_{metric}"
    held_out = (
        ("validation", "test") if getattr(condition.task, "n_test", 0) else ("validation",)
    )
    whole = [f"{of}_{metric}" for of in ("train", *held_out) for metric in metrics]
    if training.early_stopping is not None:
        yield "stopped"
        yield from (f"selected_{name}" for name in whole)
    if training.schedule is not None:
        yield "rate_factor"
    if evaluation.halves:
        whole += [f"validation_{half}_{metric}" for half in "ab" for metric in metrics]
    if evaluation.per_class:
        for of in held_out:
            whole += [f"{of}_recall_{c}" for c in range(condition.task.outputs)]
            whole.append(f"{of}_balanced_accuracy")
    yield from whole
    if training.average is not None:
        yield from (f"average_{name}" for name in whole)
