"""Causes and cures of a restless curve: pairs of conditions that differ in just that."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from benchmark.declare.claims import Selection
from benchmark.declare.errors import one_of, require
from benchmark.declare.fields import Declared

CAUSES = (
    "high learning rate",
    "small batch",
    "momentum",
    "adaptive late spikes",
    "mislabelled samples",
    "noisy features",
    "uniform data",
    "few samples",
    "large network on few samples",
    "overfitting",
    "class imbalance",
    "augmentation",
    "dropout",
    "batch-norm statistics lag",
    "sorted data",
    "alternating batches",
    "drawing with replacement",
    "partial epochs",
    "ragged last batch",
    "small validation set",
    "partial validation passes",
    "running metrics",
    "validation leak",
    "scaling before the split",
)
"""What a curve may fluctuate for: one vocabulary, so that scenarios can be compared."""


@dataclass(frozen=True, kw_only=True)
class Switch(Declared):
    """Conditions that differ in one thing: a `Cause` off and on, before and after a `Cure`.

    Both selections may take several conditions; those that agree in all other settings
    are held against each other.

    Attributes:
        where: what both have in common.
        curves: the curves that are looked at on the two sides, where the thing lies in what
            is looked at: ``("train", "running_train")``, ``("validation",
            "seen_validation")``.
    """

    where: Selection = field(default_factory=dict)
    curves: tuple[str, str] | None = None

    def __post_init__(self) -> None:
        what = f"{type(self).__name__} {getattr(self, 'name', '')!r}"
        for name, selection in {**self._sides, "where": self.where}.items():
            require(
                isinstance(selection, Mapping) and all(isinstance(p, str) for p in selection),
                f"{what} {name} is {selection!r}, but must map settings paths to values.",
            )
        super().__post_init__()
        require(
            all(curve.endswith(("train", "validation")) for curve in self.curves or ()),
            f"{what} curves are {self.curves!r}, but must be a pair such as ('train', "
            "'running_train').",
        )
        first, second = self._sides.values()
        require(
            first != second or self.curves is not None,
            f"{what} compares {dict(first)!r} with itself; the two sides must differ.",
        )

    @property
    def _sides(self) -> dict[str, Selection]:
        """Name of the field → selection, of the two sides."""
        raise TypeError(f"{type(self).__name__} must define `_sides`.")

    @property
    def sides(self) -> tuple[dict[str, Any], dict[str, Any]]:
        """Whole selections: off and on, or before and after."""
        first, second = ({**self.where, **side} for side in self._sides.values())
        return first, second


@dataclass(frozen=True)
class Cause(Switch):
    """A cause of fluctuation, switched off and on.

    >>> Cause("small batch", {"training.batch_size": 64}, {"training.batch_size": 4}).sides
    ({'training.batch_size': 64}, {'training.batch_size': 4})

    Attributes:
        name: one of `CAUSES`.
        off, on: select the conditions without and with the cause.

    Raises:
        UserError: the name is not in the vocabulary, or a selection is not one.
    """

    name: str
    off: Selection
    on: Selection

    def __post_init__(self) -> None:
        one_of("Cause name", self.name, CAUSES)
        super().__post_init__()

    @property
    def _sides(self) -> dict[str, Selection]:
        return {"off": self.off, "on": self.on}


@dataclass(frozen=True)
class Cure(Switch):
    """A remedy against a cause, before and after it is applied.

    >>> batch = "training.batch_size"
    >>> Cure("larger batch", "small batch", {batch: 4}, {batch: 64}).cause
    'small batch'

    Attributes:
        name: the remedy in lower-case words, e.g. "larger batch".
        cause: what it is to cure, one of `CAUSES`.
        before, after: select the conditions without and with the remedy.

    Raises:
        UserError: the cause is not in the vocabulary, or a selection is not one.
    """

    name: str
    cause: str
    before: Selection
    after: Selection

    def __post_init__(self) -> None:
        require(
            isinstance(self.name, str) and bool(self.name.strip()),
            f"Cure name is {self.name!r}, but must be words such as 'larger batch'.",
        )
        one_of(f"Cause of the cure {self.name!r}", self.cause, CAUSES)
        super().__post_init__()

    @property
    def _sides(self) -> dict[str, Selection]:
        return {"before": self.before, "after": self.after}
