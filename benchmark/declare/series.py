"""The grammar of series names, and which series the training of a condition records.

A name says from whom the numbers come, of which data, and what they are::

    [look_][split_][half_]metric        validation_loss, running_train_accuracy, step_loss,
                                        average_validation_a_loss, initial_train_loss

- look: of each minibatch in turn (``step``), their mean over an epoch as it is printed
  (``running``), what a partial validation saw (``seen``), of the weights that early stopping
  keeps (``selected``), of averaged weights (``average``), before training (``initial``), or
  of the weights as they are at the end of an epoch (nothing);
- split: ``train``, ``validation`` or ``test``;
- half: ``a`` or ``b``, where only one half of the split is looked at;
- metric: ``loss``, ``accuracy``, ``recall_3``, or whatever a probe measures.

What follows from a name, such as its unit and whether more is better, is said here alone. The
names that other tools give to their logs belong here, too.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Literal, NamedTuple, TypeAlias, cast, get_args

from benchmark.declare.condition import Condition

Look: TypeAlias = Literal["", "step", "running", "seen", "selected", "average", "initial"]
Part: TypeAlias = Literal["", "train", "validation", "test"]
Half: TypeAlias = Literal["", "a", "b"]

Shape = tuple[int, ...]

_SHARES = ("accuracy", "recall", "precision")
"""Words in the metrics that are shares of samples, of which more is better."""


@dataclass(frozen=True)
class SeriesName:
    """A series' name, taken apart; `str` puts it together again.

    >>> running = SeriesName("loss", "train", "running")
    >>> str(running), running.words, running.more_is_better
    ('running_train_loss', 'running training loss', False)
    >>> parse("validation_recall_3").unit(None)
    'share correct'

    Attributes:
        metric: what is measured.
        split: on which data; "" where the name does not say.
        look: from whom the numbers come; "" for the weights at the end of each epoch.
        half: of the split; "" for the whole.
    """

    metric: str
    split: Part = ""
    look: Look = ""
    half: Half = ""

    def __str__(self) -> str:
        return "_".join(filter(None, (self.look, self.split, self.half, self.metric)))

    @property
    def is_loss(self) -> bool:
        """Whether it is a loss: positive, and less is better."""
        return self.metric.endswith("loss")

    @property
    def is_share(self) -> bool:
        """Whether it is a share of samples, in [0, 1], of which more is better."""
        return any(word in self.metric for word in _SHARES)

    @property
    def more_is_better(self) -> bool | None:
        """Its direction; None where neither is better."""
        return True if self.is_share else False if self.is_loss else None

    @property
    def per_step(self) -> bool:
        """Whether it has a number for every step, and not for every epoch."""
        return self.look == "step"

    @property
    def of_whole_split(self) -> "SeriesName":
        """The same of both halves."""
        return replace(self, half="")

    def unit(self, loss: str | None) -> str:
        """Its unit, or "" for a pure number or one that is not known.

        Args:
            loss: the task's loss, "cross_entropy" or "squared_error"; None if tasks differ.
        """
        if self.is_loss:
            named = {"cross_entropy": "nats", "squared_error": "½ squared error"}
            return named.get(loss or "", "")
        return "share correct" if self.is_share else ""

    @property
    def words(self) -> str:
        """In words: "training loss"."""
        if self == _OF_MINIBATCHES:
            return "minibatch loss"
        split = "training" if self.split == "train" else self.split
        said = (self.look, split, self.half, self.metric)
        return " ".join(filter(None, said)).replace("_", " ")


_OF_MINIBATCHES = SeriesName("loss", look="step")


@lru_cache(maxsize=4096)
def parse(name: str) -> SeriesName:
    """Take a name apart; every name is one, if only a metric.

    >>> parse("average_validation_a_loss")
    SeriesName(metric='loss', split='validation', look='average', half='a')
    >>> parse("sharpness")
    SeriesName(metric='sharpness', split='', look='', half='')
    """
    look, rest = _first(name, get_args(Look))
    split, rest = _first(rest, get_args(Part))
    half, rest = _first(rest, get_args(Half)) if split else ("", rest)
    return SeriesName(rest, cast(Part, split), cast(Look, look), cast(Half, half))


def _first(name: str, known: tuple[str, ...]) -> tuple[str, str]:
    """The first word of a name if it is known and not the last, and the rest."""
    word, _, rest = name.partition("_")
    return (word, rest) if word in known and word and rest else ("", name)


def halves(metric: str) -> tuple[str, str]:
    """The series of both halves of the validation set."""
    first, second = (SeriesName(metric, "validation", half=half) for half in ("a", "b"))
    return str(first), str(second)


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
        known[str(_OF_MINIBATCHES)] = shapes["step"]
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
        yield str(SeriesName(metric, "train", "running"))
        if evaluation.special:
            yield str(SeriesName(metric, "validation", "seen"))
    held_out: tuple[Part, ...] = ("validation",)
    if getattr(condition.task, "n_test", 0):
        held_out = ("validation", "test")
    every: tuple[Part, ...] = ("train", *held_out)
    whole = [SeriesName(metric, split) for split in every for metric in metrics]
    if training.early_stopping is not None:
        yield "stopped"
        yield from (str(replace(name, look="selected")) for name in whole)
    if training.schedule is not None:
        yield "rate_factor"
    if evaluation.halves:
        whole += [
            SeriesName(metric, "validation", half=half)
            for half in ("a", "b")
            for metric in metrics
        ]
    if evaluation.per_class:
        recalls = [f"recall_{c}" for c in range(condition.task.outputs)]
        whole += [
            SeriesName(metric, split)
            for split in held_out
            for metric in (*recalls, "balanced_accuracy")
        ]
    yield from map(str, whole)
    if training.average is not None:
        yield from (str(replace(name, look="average")) for name in whole)
