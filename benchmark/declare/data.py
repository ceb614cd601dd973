"""What a task hands to training: a pool, and a run's split of it; keys by source."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

if TYPE_CHECKING:
    import numpy as np
    from jaxtyping import Array, Bool, Float, Int, Num

    Anywhere: TypeAlias = Array | np.ndarray
    """An array on the host or on a device; traced code takes either."""

Keys: TypeAlias = Callable[[str], Any]
"""Source name → the run's key for that source, one of JAX's typed keys."""


class Pool(NamedTuple):
    """Arrays shared by all runs of a group: loaded on the host, then held on the device."""

    x: "Num[Anywhere, 'pool ...']"
    y: "Num[Anywhere, 'pool ...']"


class Subset(NamedTuple):
    """Samples of one run: indices into `x`, and the labels this run believes in.

    Attributes:
        x: the pool's samples, or samples of this run alone.
        index: row of `x` for each sample.
        y: class number or target vector of each sample.
        corrupted: which samples have a wrong label.
        center: subtracted from every sample that is taken, then divided by `scale`; None
            takes samples as they are.
        scale: one number for each feature, as `center` has.
    """

    x: "Num[Anywhere, 'pool ...']"
    index: "Int[Array, ' sample']"
    y: "Num[Array, 'sample ...']"
    corrupted: "Bool[Array, ' sample']"
    center: "Float[Array, '...'] | None" = None
    scale: "Float[Array, '...'] | None" = None

    @property
    def size(self) -> int:
        """Number of samples."""
        return self.index.shape[0]

    def take(self, position: "Int[Array, ' batch']") -> "tuple[Array, Array]":
        """Samples and labels at `position`."""
        return self._scaled(self.x[self.index[position]]), self.y[position]

    def all(self) -> "tuple[Array, Array]":
        """Every sample and its label."""
        return self._scaled(self.x[self.index]), self.y

    def _scaled(self, x: Any) -> Any:
        if self.center is None or self.scale is None:
            return x
        return (x - self.center[None]) / self.scale[None]


class Split(NamedTuple):
    """One run's data.

    Attributes:
        train: what is trained on.
        validation: what is looked at while training, and chosen by.
        test: what nothing is chosen by; None where the task draws none.
    """

    train: Subset
    validation: Subset
    test: Subset | None = None

    @property
    def sets(self) -> dict[str, Subset]:
        """The sets that are there, by name."""
        return {name: subset for name, subset in self._asdict().items() if subset is not None}

    def each(self, change: Callable[[Subset], Subset]) -> "Split":
        """The same with `change` made to every set that is there."""
        return Split(**{name: change(subset) for name, subset in self.sets.items()})
