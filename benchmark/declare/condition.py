"""A condition: one fully resolved setting with a stable id."""

import dataclasses
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from benchmark.declare.errors import one_of, require
from benchmark.declare.fields import Declared, static, traced_fields
from benchmark.declare.identity import Template, condition_id
from benchmark.declare.optimizers import SGD
from benchmark.declare.parts import Model, Optimizer, Probe, Task
from benchmark.declare.paths import flatten
from benchmark.declare.schedules import Plateau
from benchmark.declare.training import FULL, Evaluation, Training


@dataclass(frozen=True)
class Sources(Declared):
    """Seeds of the sources of randomness: None follows the run's seed, a number pins it.

    Attributes:
        second: names of sources that take the run's second seed instead of its first, so
            that sources can be crossed within one run seed (see `Crossed`).
        one_bit: the smallest difference there is: with everything else pinned, too, runs
            differ in the last bit of one initial weight, which the run's seed chooses.
    """

    initialisation: int | None = static(None, at_least=0)
    data: int | None = static(None, at_least=0)
    mislabelling: int | None = static(None, at_least=0)
    order: int | None = static(None, at_least=0)
    dropout: int | None = static(None, at_least=0)
    augmentation: int | None = static(None, at_least=0)
    evaluation: int | None = static(None, at_least=0)
    one_bit: bool = False
    second: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        super().__post_init__()
        for name in self.second:
            one_of("A name in Sources.second", name, SOURCES)
            require(
                getattr(self, name) is (True if name == "one_bit" else None),
                f"Sources.second names {name!r}, but "
                + ("one_bit is off." if name == "one_bit" else "that source is pinned."),
            )
        # The order of names means nothing, so it must not enter the id.
        held = tuple(name for name in SOURCES if name in self.second)
        object.__setattr__(self, "second", held)

    def seeds(self, seed: int) -> tuple[int, ...]:
        """The seed of every source, in the order of `SOURCES`, for the run `seed`."""

        def of(name: str) -> int:
            pin = getattr(self, name)
            own = seed + SECOND if name in self.second else seed
            return own if pin is None or isinstance(pin, bool) else pin

        return tuple(of(name) for name in SOURCES)


SOURCES = tuple(field.name for field in dataclasses.fields(Sources) if field.name != "second")
"""Names of the sources of randomness; their places are part of every key."""

SECOND = 2**30
"""Distance of a run's second seed from its first: no run's first, and in 32 bits."""


@dataclass(frozen=True)
class Condition(Declared):
    """A task, a model, an optimizer and a way of training; runs of it differ by seed."""

    task: Task
    model: Model
    optimizer: Optimizer = SGD()
    training: Training = Training()
    probes: tuple[Probe, ...] = ()
    sources: Sources = Sources()
    evaluation: Evaluation = Evaluation()

    def __post_init__(self) -> None:
        super().__post_init__()
        fresh = self.training.order == "fresh"
        stopping, classes = self.training.early_stopping, self.task.loss == "cross_entropy"
        require(
            not fresh or self.training.steps is not None,
            'Training.order is "fresh", which needs a number of steps per epoch: set '
            "Training.steps.",
        )
        require(
            self.training.balance != "oversample" or self.training.order == "reshuffle",
            'Training.balance is "oversample", which draws samples at random: leave '
            f'Training.order at "reshuffle" instead of {self.training.order!r}.',
        )
        require(
            self.training.balance == "none" or classes,
            f"Training.balance is {self.training.balance!r}, but the task has no classes.",
        )
        require(
            classes or stopping is None or stopping.monitor != "validation_accuracy",
            'EarlyStopping.monitor is "validation_accuracy", but the task has no classes.',
        )
        require(
            classes or not self.evaluation.per_class,
            "Evaluation.per_class is True, but the task has no classes.",
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

        training = self.training
        watches = stopping is not None or isinstance(training.schedule, Plateau)
        require(
            not watches or training.evaluate_every == 1,
            f"Training.evaluate_every is {training.evaluate_every}, but early stopping and "
            "Plateau look at every epoch: set it to 1.",
        )

    @property
    def batch_size(self) -> int:
        """Samples per step as a number."""
        size = self.training.batch_size
        return self.task.samples if size == FULL else size

    @property
    def batches_per_pass(self) -> int:
        """Batches that one pass over the training set gives."""
        whole, rest = divmod(self.task.samples, self.batch_size)
        return whole + (rest > 0 and self.training.last_batch != "drop")

    @property
    def steps_per_epoch(self) -> int:
        """Optimizer steps in one epoch."""
        steps = self.training.steps
        return self.batches_per_pass if steps is None else steps

    @cached_property
    def id(self) -> str:
        """Stable name: a hash of the canonical form."""
        return condition_id(self)

    @cached_property
    def group(self) -> Template:
        """What its training program is built from: equal groups share all programs.

        Neither the seeds of sources nor the number of epochs are part of a program.
        """
        unpinned = self.bind({"sources": Sources(one_bit=self.sources.one_bit)})
        return Template(unpinned, self.values)

    @property
    def deterministic(self) -> bool:
        """Whether all runs are the same run: every source of randomness pinned or unused.

        Only what the engine itself leaves out is sure to be unused; a task or a model may
        draw from any of the other sources.
        """
        unused = set()
        if self.training.augmentation is None:
            unused.add("augmentation")
        if not (self.evaluation.special or self.evaluation.halves):
            unused.add("evaluation")
        pins = self.sources
        return not (pins.second or pins.one_bit) and all(
            getattr(pins, name) is not None
            for name in SOURCES
            if name != "one_bit" and name not in unused
        )

    @property
    def values(self) -> dict[str, float]:
        """Dotted path → number for everything that is data in a lane.

        The number of epochs is among them, for schedules over the whole run.
        """
        return traced_fields(self) | {"training.epochs": float(self.training.epochs)}

    @property
    def settings(self) -> dict[str, Any]:
        """Dotted path → scalar of every setting; the batch size as a number."""
        return dict(flatten(self)) | {"training.batch_size": self.batch_size}
