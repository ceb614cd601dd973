"""A condition: one fully resolved setting with a stable id; and the probes that look inside.

A probe is told the condition it looks at, and a condition names its probes.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, TypeAlias

from benchmark.declare.data import Pool, Split
from benchmark.declare.errors import require
from benchmark.declare.fields import Declared, traced_fields
from benchmark.declare.identity import Template, condition_id, select, template_of
from benchmark.declare.network import Network, Variables
from benchmark.declare.optimizers import SGD
from benchmark.declare.parts import Model, Optimizer, Task
from benchmark.declare.paths import flatten
from benchmark.declare.schedules import Plateau
from benchmark.declare.sources import SOURCES, Sources
from benchmark.declare.training import FULL, Evaluation, Training

if TYPE_CHECKING:
    from jax import Array
    from jaxtyping import Float, Int, Num

SeriesKind: TypeAlias = Literal["epoch", "step"]
"""Whether a series has one number for each epoch of a run, or for each step of each epoch."""


class Batch(NamedTuple):
    """The samples of one step; `position` is empty for fresh samples."""

    x: "Num[Array, 'batch ...']"
    y: "Num[Array, 'batch ...']"
    weight: "Float[Array, ' batch'] | None"
    position: "Int[Array, ' ...']"


class Probing(NamedTuple):
    """State and data of a run, at the moment at which a probe looks at them.

    Attributes:
        condition: with the run's numbers in it, which may be tracers.
        network, pool, split: of the run.
        variables: of the network, now.
        optimizer_state: of the optimizer's transformation, now.
        loss: (parameters, x, y) → mean loss in evaluation mode (no dropout).
    """

    condition: "Condition"
    network: Network
    pool: Pool
    split: Split
    variables: Variables
    optimizer_state: Any
    loss: "Callable[[Any, Array, Array], Array]"

    def full_loss(self, params: Any) -> "Array":
        """Mean loss of `params` on the whole training set."""
        return self.loss(params, *self.split.train.all())

    @property
    def params(self) -> Any:
        """The trainable parameters."""
        return self.variables["params"]


@dataclass(frozen=True)
class Probe(Declared):
    """A look inside the run: series beyond loss and accuracy.

    A probe defines `at_epoch`, `at_step`, or both. Series are recorded at the epochs
    0, `every`, 2·`every` … and are NaN in between.

    One that looks at the ends of epochs is a way of looking at a run, like `Evaluation`. One
    that looks at steps is part of training, and such a run has one view.
    """

    every: int

    @property
    def looks_at_steps(self) -> bool:
        """Whether it defines `at_step`."""
        return type(self).at_step is not Probe.at_step

    @property
    def looks_at_epochs(self) -> bool:
        """Whether it defines `at_epoch`, which is given a key of the source "evaluation"."""
        return type(self).at_epoch is not Probe.at_epoch

    def reads(self, condition: "Condition") -> tuple[str, ...] | None:
        """Dotted paths of all settings of `probing.condition` that `at_epoch` reads.

        Conditions that agree in these, in the model, and in the task's outputs and loss, share
        the program of the probe. None if it may read any.
        """
        return None

    def takes(self, condition: "Condition") -> tuple[str, ...]:
        """Paths of whole numbers that decide no shape: `at_epoch` reads them as traced ones."""
        return ()

    def effort(self, condition: "Condition") -> float:
        """Rough cost of one probed epoch in samples trained on; for progress only."""
        return 0.0

    def series(self, condition: "Condition") -> Mapping[str, SeriesKind] | None:
        """The series by name; None if only training can tell.

        Stored results that lack one of them, or hold others, are computed anew.
        """
        return None

    def at_epoch(self, probing: Probing, key: "Array") -> "dict[str, Array]":
        """Floating scalars by name at the end of an epoch (epoch 0: before training)."""
        return {}

    def begin(self, probing: Probing) -> Any:
        """The memory that `at_step` carries through an epoch."""
        return ()

    def at_step(
        self, probing: Probing, memory: Any, batch: Any
    ) -> "tuple[Any, dict[str, Array]]":
        """New memory and floating scalars by name, after each step of a probed epoch."""
        return memory, {}

    @property
    def name(self) -> str:
        """The class name in the style of settings."""
        return type(self).__name__


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
        looked_at = self.evaluation.train_samples
        require(
            looked_at is None or looked_at <= self.task.samples,
            f"Evaluation.train_samples is {looked_at}, but the task has only "
            f"{self.task.samples} training samples.",
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
        require(
            not self.watches or training.evaluate_every == 1,
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
    def in_training(self) -> "Condition":
        """The condition as training knows it, without what is only a way of looking.

        Conditions that are equal in training are *views* of the same runs: these are trained
        once and looked at in all ways. A run that is looked at while it trains (by early
        stopping, by the schedule `Plateau`, by probes of its steps) is trained for one way.
        """
        probes = tuple(probe for probe in self.probes if probe.looks_at_steps)
        if probes or self.watches:
            return replace(self, probes=probes)
        return replace(
            self,
            task=self.task.in_training,
            model=self.model.in_training,
            training=replace(self.training, evaluate_every=1),
            evaluation=Evaluation(),
            probes=(),
        )

    @property
    def watches(self) -> bool:
        """Whether training depends on what is seen of the validation set."""
        training = self.training
        return training.early_stopping is not None or isinstance(training.schedule, Plateau)

    @cached_property
    def group(self) -> Template:
        """What its training program is built from: equal groups share it.

        Of the task that is next to nothing: data are arguments of the program. Neither the
        seeds of sources nor the number of epochs are part of any program.
        """
        known = self.in_training
        if known.probes or known.training.order == "fresh":
            return known.template
        counts = ("batch_size", "steps_per_epoch", "watches")
        of_task = ("task.samples", "task.outputs", "task.loss")
        parts = ("model", "optimizer", "training", "probes")
        return template_of(select(known, (*counts, *of_task, *parts), known.values))

    @cached_property
    def template(self) -> Template:
        """What all of its programs are built from, those that look at the run, too."""
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
        if not (self.evaluation.draws or any(p.looks_at_epochs for p in self.probes)):
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
