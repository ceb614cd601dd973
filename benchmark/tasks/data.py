"""What a task hands to training: a pool, a run's split of it, and keys by source."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields, replace
from typing import Any, NamedTuple, TypeAlias

import jax
import numpy as np
from jaxtyping import Array, Bool, Float, Int, Key, Num

from benchmark.declare.condition import SOURCES

Keys: TypeAlias = Callable[[str], Key[Array, ""]]
"""Source name → the run's key for that source."""


Anywhere: TypeAlias = Array | np.ndarray
"""An array on the host or on a device; traced code takes either."""


class Pool(NamedTuple):
    """Arrays shared by all runs of a group: loaded on the host, then held on the device."""

    x: Num[Anywhere, "pool ..."]
    y: Num[Anywhere, "pool ..."]


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

    x: Num[Anywhere, "pool ..."]
    index: Int[Array, " sample"]
    y: Num[Array, "sample ..."]
    corrupted: Bool[Array, " sample"]
    center: Float[Array, "..."] | None = None
    scale: Float[Array, "..."] | None = None

    @property
    def size(self) -> int:
        """Number of samples."""
        return self.index.shape[0]

    def take(self, position: Int[Array, " batch"]) -> tuple[Array, Array]:
        """Samples and labels at `position`."""
        return self._scaled(self.x[self.index[position]]), self.y[position]

    def all(self) -> tuple[Array, Array]:
        """Every sample and its label."""
        return self._scaled(self.x[self.index]), self.y

    def _scaled(self, x: Any) -> Any:
        if self.center is None or self.scale is None:
            return x
        return (x - self.center[None]) / self.scale[None]


@jax.tree_util.register_dataclass
@dataclass(frozen=True)
class Split:
    """One run's data; it unpacks to training and validation set, as tasks of old expect.

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
        held = {field.name: getattr(self, field.name) for field in fields(self)}
        return {name: subset for name, subset in held.items() if subset is not None}

    def __iter__(self) -> Iterator[Subset]:
        return iter((self.train, self.validation))

    def __getitem__(self, place: Any) -> Any:
        return tuple(self)[place]

    def each(self, change: Callable[[Subset], Subset]) -> "Split":
        """The same with `change` made to every set that is there."""
        return Split(**{name: change(subset) for name, subset in self.sets.items()})

    def _replace(self, **sets: Subset | None) -> "Split":
        """The same with other sets, as the subsets have it."""
        return replace(self, **sets)


def source_keys(seeds: Int[Array, " source"]) -> Key[Array, " source"]:
    """Keys of one run, folded from (source, seed) and from nothing else.

    The condition never enters, so the same seed means the same initialisation, data and
    order under every condition. Threefry is named because other generators do not
    promise the same numbers under `vmap`.
    """
    import jax.numpy as jnp

    root = jax.random.key(0, impl="threefry2x32")
    places = jnp.arange(len(SOURCES), dtype=jnp.int32)
    return jax.vmap(lambda p, s: jax.random.fold_in(jax.random.fold_in(root, p), s))(
        places, seeds
    )


def by_source(keys: Key[Array, " source"]) -> Keys:
    """Looks a run's keys up by the name of the source."""
    return lambda source: keys[SOURCES.index(source)]
