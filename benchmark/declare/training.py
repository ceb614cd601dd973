"""How a run goes through its data, and how it is evaluated."""

from dataclasses import dataclass
from typing import Literal, TypeAlias

from benchmark.declare.augmentation import Augmentation
from benchmark.declare.early_stopping import EarlyStopping
from benchmark.declare.fields import Declared, static, traced
from benchmark.declare.schedules import Schedule

FULL: Literal["full"] = "full"
"""Batch size that takes all training samples at every step."""

BatchSize: TypeAlias = int | Literal["full"]
Order: TypeAlias = Literal[
    "reshuffle", "once", "replacement", "fixed", "sorted", "alternating", "fresh"
]
Passes: TypeAlias = Literal["continue", "restart"]


@dataclass(frozen=True)
class Training(Declared):
    """How a run goes through its data.

    Attributes:
        epochs: number of epochs; one is a pass over the data unless `steps` says otherwise.
        batch_size: samples per step, or `FULL`.
        order: "reshuffle" every pass, shuffle "once", draw with "replacement", keep the
            samples "fixed" in the order of the task, "sorted" by class, "alternating"
            batches of one class each, or draw "fresh" samples at each step.
        last_batch: what happens to the rest when the batch size does not divide the
            samples: "keep" it as a smaller batch, as Keras does, "drop" it, or "weight" it,
            so that each of its samples counts as much as any other.
        steps: steps per epoch; None for a whole pass. Fresh samples need it.
        passes: with `steps`, an epoch may "continue" the pass where the last one stopped
            or "restart" one at its beginning.
        balance: against rare classes: "weights" multiplies losses by N/(K·n_c),
            "oversample" draws every class equally often, with replacement.
        log_steps: keep the loss of every minibatch, not only epochs.
        evaluate_every: epochs between two evaluations on the whole sets.
        augmentation: random changes of the training samples.
        schedule: what the learning rate is multiplied with in the course of the run.
        clip_norm: gradients of a larger norm are shortened to it (Pascanu et al. 2013).
        weight_decay: λ, which adds λw to the gradient (L2 regularisation by ½λ‖w‖²: λ is
            PyTorch's `weight_decay`, and twice the number of Keras' `l2`). Biases decay,
            too, as in PyTorch.
        average: decay of an exponential average of the weights, which is evaluated too
            (series `average_…`; Polyak & Juditsky 1992).
        late_batches: in the second half of the steps, gradients of so many batches are
            averaged into one step: a larger batch late.
        early_stopping: when to end.
        weighted_mean: a batch's losses times class weights are summed and divided by the
            number of "samples", as in Keras, or by the sum of their "weights", as in
            PyTorch's `CrossEntropyLoss(weight=…)`.
        printed_loss: what `step_loss` and `running_train_loss` are of: the "unweighted"
            loss; the loss "weighted" by class, as PyTorch's criterion gives it; or the
            "objective", class weights and L2 penalty included, which is what Keras prints.
        clip_by: whether `clip_norm` is for the "global" norm of all gradients (PyTorch's
            `clip_grad_norm_`, Keras' `global_clipnorm`, and `clipnorm` of Keras before it
            was part of TensorFlow) or for that of each "variable" (Keras' `clipnorm`).
        decay_order: λw is added "before_clipping", as the gradient of a penalty that is
            part of the loss (Keras' regularisers); or "after_clipping", by the optimizer
            (PyTorch's `weight_decay`).
        average_start: the average is a weighted mean of the weights after every step,
            "debiased" as Adam's moments are; or it begins as the weights after the
            "first_step", which then have weight decayᵗ after t more (PyTorch's
            `AveragedModel`, Keras' `use_ema`).
    """

    epochs: int = static(30, at_least=1)
    batch_size: BatchSize = static(32, at_least=1)
    order: Order = "reshuffle"
    last_batch: Literal["keep", "drop", "weight"] = "keep"
    steps: int | None = static(None, at_least=1)
    passes: Passes = "continue"
    balance: Literal["none", "weights", "oversample"] = "none"
    log_steps: bool = True
    evaluate_every: int = static(1, at_least=1)
    augmentation: Augmentation | None = None
    schedule: Schedule | None = None
    clip_norm: float | None = traced(None, above=0)
    weight_decay: float | None = traced(None, at_least=0)
    average: float | None = traced(None, at_least=0, below=1)
    late_batches: int | None = static(None, at_least=2)
    early_stopping: EarlyStopping | None = None
    weighted_mean: Literal["samples", "weights"] = "samples"
    printed_loss: Literal["unweighted", "weighted", "objective"] = "unweighted"
    clip_by: Literal["global", "variable"] = "global"
    decay_order: Literal["before_clipping", "after_clipping"] = "before_clipping"
    average_start: Literal["debiased", "first_step"] = "debiased"


@dataclass(frozen=True)
class Evaluation(Declared):
    """What the practitioner's validation looks at, and what is printed of it.

    All of it is a way of looking: conditions that differ here alone share their runs (but
    for early stopping and `Plateau`, which act on what is seen).

    The series `train_…` and `validation_…` are always of the whole sets at the end of the
    epoch, and so are `test_…` where the task has a test set (`n_test`), by which nothing is
    chosen. What a partial, ordered or otherwise special validation reports is recorded
    beside them as `seen_validation_…`.

    Attributes:
        steps: validation batches per look; None for the whole set.
        batch_size: samples of a validation batch.
        order: "fixed" as the task has them, "sorted" by class, or "reshuffle" every pass.
        passes: a partial look may "continue" where the last one stopped or "restart" at
            the beginning.
        batch_statistics: batch normalisation uses the statistics of the validation batch.
        per_class: also record the recall of each class (`validation_recall_0`, …) and
            their mean (`validation_balanced_accuracy`) on the whole validation set, and
            likewise on a test set.
        halves: also record the metrics of two random halves of the validation set
            (`validation_a_loss`, `validation_b_loss`, …), from which `EvaluationShare`
            finds how much of the curve is the finite set's.
        statistics: what batch normalisation evaluates with: what it "recorded" in training,
            or what is "recomputed" after the epoch, with the weights as they are then, over
            the whole training set (Wu & Johnson 2021); `Model.evaluation_batch` samples at
            once are normalised by their own.
        train_samples: the training set is looked at on so many of its samples, drawn once a
            run; None for all.
        passes_per_epoch: epochs of training that are printed as one: running means are over
            all of them, and looks are taken at their end; NaN stands in between.
        digits: decimals of the losses and shares that are printed; None for all.
    """

    steps: int | None = static(None, at_least=1)
    batch_size: int = static(32, at_least=1)
    order: Literal["fixed", "sorted", "reshuffle"] = "fixed"
    passes: Passes = "continue"
    batch_statistics: bool = False
    per_class: bool = False
    halves: bool = False
    statistics: Literal["recorded", "recomputed"] = "recorded"
    train_samples: int | None = static(None, at_least=1)
    passes_per_epoch: int = static(1, at_least=1)
    digits: int | None = static(None, at_least=0)

    @property
    def draws(self) -> bool:
        """Whether it takes random numbers, of the source "evaluation"."""
        return self.special or self.halves or self.train_samples is not None

    @property
    def special(self) -> bool:
        """Whether what is seen differs from the whole set in evaluation mode."""
        return self.steps is not None or self.batch_statistics
