"""Causes and cures of a restless curve: pairs of conditions that differ in just that."""

from collections.abc import Mapping
from dataclasses import KW_ONLY, dataclass, field
from typing import Any

from benchmark.declare.claims import Selection
from benchmark.declare.errors import one_of, require

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


@dataclass(frozen=True)
class Cause:
    """A cause of fluctuation, switched off and on.

    Both selections may take several conditions; those that agree in all other settings
    are held against each other.

    Attributes:
        name: one of `CAUSES`.
        off, on: select the conditions without and with the cause.
        where: what both have in common.
        curves: the curves that are looked at without and with the cause, where it lies in
            what is looked at: ``("train", "running_train")``, ``("validation",
            "seen_validation")``.

    Raises:
        UserError: the name is not in the vocabulary, or a selection is not one.
    """

    name: str
    off: Selection
    on: Selection
    _: KW_ONLY
    where: Selection = field(default_factory=dict)
    curves: tuple[str, str] | None = None

    def __post_init__(self) -> None:
        one_of("Cause name", self.name, CAUSES)
        for side in ("off", "on", "where"):
            _check_selection(f"Cause {self.name!r} {side}", getattr(self, side))
        _check_sides(f"Cause {self.name!r}", self.off, self.on, self.curves)

    @property
    def sides(self) -> tuple[dict[str, Any], dict[str, Any]]:
        """Whole selections: off and on."""
        return {**self.where, **self.off}, {**self.where, **self.on}


@dataclass(frozen=True)
class Cure:
    """A remedy against a cause, before and after it is applied.

    Attributes:
        name: the remedy in lower-case words, e.g. "larger batch".
        cause: what it is to cure, one of `CAUSES`.
        before, after: select the conditions without and with the remedy.
        where: what both have in common.
        curves: the curves that are looked at before and after, see `Cause`.

    Raises:
        UserError: the cause is not in the vocabulary, or a selection is not one.
    """

    name: str
    cause: str
    before: Selection
    after: Selection
    _: KW_ONLY
    where: Selection = field(default_factory=dict)
    curves: tuple[str, str] | None = None

    def __post_init__(self) -> None:
        require(
            isinstance(self.name, str) and bool(self.name.strip()),
            f"Cure name is {self.name!r}, but must be words such as 'larger batch'.",
        )
        one_of(f"Cause of the cure {self.name!r}", self.cause, CAUSES)
        for side in ("before", "after", "where"):
            _check_selection(f"Cure {self.name!r} {side}", getattr(self, side))
        _check_sides(f"Cure {self.name!r}", self.before, self.after, self.curves)

    @property
    def sides(self) -> tuple[dict[str, Any], dict[str, Any]]:
        """Whole selections: before and after."""
        return {**self.where, **self.before}, {**self.where, **self.after}


def _check_selection(what: str, given: Any) -> None:
    require(
        isinstance(given, Mapping) and all(isinstance(path, str) for path in given),
        f"{what} is {given!r}, but must map settings paths to values.",
    )


def _check_sides(
    what: str, first: Selection, second: Selection, curves: tuple[str, str] | None
) -> None:
    require(
        curves is None or all(curve.endswith(("train", "validation")) for curve in curves),
        f"{what} curves are {curves!r}, but must be a pair such as ('train', 'running_train').",
    )
    require(
        first != second or curves is not None,
        f"{what} compares {dict(first)!r} with itself; the two sides must differ.",
    )
