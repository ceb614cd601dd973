"""A condition: one fully resolved setting with a stable id."""

import dataclasses
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal, TypeAlias

from benchmark.declare.canonical import digest, shape_digest
from benchmark.declare.errors import require
from benchmark.declare.fields import Declared, shape, value_fields
from benchmark.declare.optimizers import SGD
from benchmark.declare.parts import Model, Optimizer, Probe, Task
from benchmark.declare.paths import flatten

FULL: Literal["full"] = "full"
"""Batch size that takes all training samples at every step."""

BatchSize: TypeAlias = int | Literal["full"]
Order: TypeAlias = Literal["reshuffle", "once", "replacement", "fixed", "fresh"]


@dataclass(frozen=True)
class Training(Declared):
    """How a run goes through its data.

    Attributes:
        epochs: number of passes (for fresh samples: of `steps` steps each).
        batch_size: samples per step, or `FULL`.
        order: "reshuffle" every epoch, shuffle "once", draw with "replacement", keep the
            samples "fixed" in the order of the task, or draw "fresh" samples at each step.
        last_batch: what happens to the rest when the batch size does not divide the
            samples: "keep" it as a smaller batch, as Keras does, or "drop" it.
        steps: steps per epoch for fresh samples (elsewhere the data decide).
        log_steps: keep the loss of every minibatch, not only epochs.
        evaluate_every: epochs between two evaluations on both whole sets.
    """

    epochs: int = shape(30, at_least=1)
    batch_size: BatchSize = shape(32, at_least=1)
    order: Order = "reshuffle"
    last_batch: Literal["keep", "drop"] = "keep"
    steps: int | None = shape(None, at_least=1)
    log_steps: bool = True
    evaluate_every: int = shape(1, at_least=1)


@dataclass(frozen=True)
class Sources(Declared):
    """Seeds of the sources of randomness: None follows the run's seed, a number pins it."""

    initialisation: int | None = shape(None, at_least=0)
    data: int | None = shape(None, at_least=0)
    mislabelling: int | None = shape(None, at_least=0)
    order: int | None = shape(None, at_least=0)
    dropout: int | None = shape(None, at_least=0)
    augmentation: int | None = shape(None, at_least=0)
    evaluation: int | None = shape(None, at_least=0)

    def seeds(self, seed: int) -> tuple[int, ...]:
        """The seed of every source, in the order of the fields, for the run `seed`."""
        pinned = (getattr(self, field.name) for field in dataclasses.fields(self))
        return tuple(seed if pin is None else pin for pin in pinned)


@dataclass(frozen=True)
class Condition(Declared):
    """A task, a model, an optimizer and a way of training; runs of it differ by seed."""

    task: Task
    model: Model
    optimizer: Optimizer = SGD()
    training: Training = Training()
    probes: tuple[Probe, ...] = ()
    sources: Sources = Sources()

    def __post_init__(self) -> None:
        super().__post_init__()
        fresh = self.training.order == "fresh"
        require(
            fresh == (self.training.steps is not None),
            "Training.steps is for fresh samples only, and they need it: set "
            'order="fresh" and steps together.',
        )
        if not fresh and self.training.batch_size != FULL:
            require(
                self.training.batch_size <= self.task.samples,
                f"Training.batch_size is {self.training.batch_size}, but the task has only "
                f"{self.task.samples} training samples.",
            )
        require(
            not (fresh and self.training.batch_size == FULL),
            "Training.batch_size is 'full', but fresh samples have no full set: give a number.",
        )

    @property
    def batch_size(self) -> int:
        """Samples per step as a number."""
        size = self.training.batch_size
        return self.task.samples if size == FULL else size

    @property
    def steps_per_epoch(self) -> int:
        """Optimizer steps in one epoch."""
        if self.training.steps is not None:
            return self.training.steps
        whole, rest = divmod(self.task.samples, self.batch_size)
        return whole + (rest > 0 and self.training.last_batch == "keep")

    @cached_property
    def id(self) -> str:
        """Stable name: a hash of the canonical form."""
        return digest(self)

    @cached_property
    def group(self) -> str:
        """Conditions with the same group share one compiled program.

        Neither pinned sources nor the number of epochs are part of a program.
        """
        training = dataclasses.replace(self.training, epochs=1)
        return shape_digest(dataclasses.replace(self, training=training, sources=Sources()))

    @property
    def values(self) -> dict[str, float]:
        """Dotted path → number for everything that is data in a lane."""
        return value_fields(self)

    @property
    def settings(self) -> dict[str, Any]:
        """Dotted path → scalar of every setting; the batch size as a number."""
        return dict(flatten(self)) | {"training.batch_size": self.batch_size}
