"""Tasks that sort samples into classes, and what can be done to their data."""

from dataclasses import KW_ONLY, dataclass, fields, replace
from typing import TYPE_CHECKING, Literal, TypeAlias

import numpy as np

from benchmark.declare.data import Keys, Pool, Split
from benchmark.declare.errors import require
from benchmark.declare.fields import limits_of, static, traced
from benchmark.declare.parts import Task

if TYPE_CHECKING:
    from jaxtyping import Array, Int, Key

Scaling: TypeAlias = Literal["train", "all"]

# Folded into the run's keys, far from the small numbers that tasks and `split` fold in.
_RANKS, _NOISE, _LEAK, _VALIDATION, _TEST_NOISE = 1001, 1002, 1003, 1004, 1005


class _Sized:
    """What every class task declares as fields of its own, with defaults of its own."""

    n_train: int
    n_validation: int


@dataclass(frozen=True)
class ClassTask(Task, _Sized):
    """A run's samples are drawn from a fixed pool whose classes are 0 … K − 1.

    The operations below apply in the order of the list; None switches one off and leaves
    the program and the numbers drawn as they are without it. Shares are exact, and of two
    shares at one seed the larger marks a superset.

    A test set is what the population will send next: it has the population's share of the
    last class and its noise on the inputs, but nothing that befalls a data set that is
    prepared (repeated samples, wrong labels, leaks), and it has no say in the scaling.
    Training and validation set are the same with and without it.

    Attributes:
        n_test: test samples, disjoint from training and validation samples; 0 for none.
        minority: share of the last class, in every set alike; the other classes share the
            rest as they come.
        feature_noise: SD of Gaussian noise added once to every input of the run, in units
            of the pool's overall SD. The run then holds a copy of its samples.
        variety: share of the training samples that are distinct; the set is filled up by
            repeating them, so that uniform data are as many. With `minority` it holds
            within the last class and within the others, so that shares stay.
        mislabelled: share of training labels replaced by another class, drawn uniformly;
            every copy of a repeated sample is labelled on its own.
        validation_mislabelled: share of validation labels replaced likewise.
        leak: share of validation samples replaced by samples of the training set, with the
            labels that these have there.
        scaling: every feature less its mean and divided by its SD, taken over the run's
            "train" set, or over training and validation set together ("all": what scaling
            before the split does). Every set is scaled with these numbers.
    """

    _: KW_ONLY
    n_test: int = static(0, at_least=0)
    minority: float | None = traced(None, at_least=0, at_most=1)
    feature_noise: float | None = traced(None, at_least=0)
    variety: float | None = traced(None, above=0, at_most=1)
    mislabelled: float | None = traced(None, at_least=0, at_most=1)
    validation_mislabelled: float | None = traced(None, at_least=0, at_most=1)
    leak: float | None = traced(None, at_least=0, at_most=1)
    scaling: Scaling | None = None

    def __post_init__(self) -> None:
        super().__post_init__()
        name, count = type(self).__name__, sum(self.class_sizes)
        sizes = {f"{name}.{key}": getattr(self, key) for key in ("n_train", "n_validation")}
        if self.n_test:
            sizes[f"{name}.n_test"] = self.n_test
        total = sum(sizes.values())
        require(
            total <= count,
            f"{' + '.join(sizes)} is {total}, but {self.where} has only {count} samples.",
        )
        if self.minority is None:
            return
        last = self.class_sizes[-1]
        needed = sum(share_of(self.minority, n) for n in sizes.values())
        for wanted, held, whom in (
            (needed, last, "the last class"),
            (total - needed, count - last, "the other classes"),
        ):
            require(
                wanted <= held,
                f"{name}.minority is {self.minority:g}, which takes {wanted} samples of "
                f"{whom}, but {self.where} has only {held}.",
            )

    @property
    def samples(self) -> int:
        return self.n_train

    @property
    def outputs(self) -> int:
        return len(self.class_sizes)

    @property
    def in_training(self) -> "ClassTask":
        """The smallest validation set, as it comes, and no test set.

        Noise on the inputs is drawn for all samples in a row, a rare class is dealt out
        over all sets, and scaling may have seen validation: then the sets belong together.
        """
        if self.minority is not None or self.feature_noise is not None or self.scaling == "all":
            return self
        (size,) = (each for each in fields(self) if each.name == "n_validation")
        alike = replace(
            self,
            n_validation=int(limits_of(size).at_least or 1),
            n_test=0,
            validation_mislabelled=None,
            leak=None,
        )
        return alike if alike.class_sizes == self.class_sizes else self

    @property
    def class_sizes(self) -> tuple[int, ...]:
        """How many samples of each class the pool has."""
        raise TypeError(f"{type(self).__name__} must define `class_sizes`.")

    @property
    def where(self) -> str:
        """Where the samples come from, in the words of an error message."""
        return "its pool"

    def drawn(self, key: "Key[Array, '']") -> "Int[Array, ' pool']":
        """The whole pool in random order: training samples come from the front of it,
        validation samples from the end, test samples from next to these."""
        from benchmark.tasks.random import permutation

        return permutation(key, sum(self.class_sizes))

    def sample(self, pool: Pool, keys: Keys) -> Split:
        """The run's data after every operation that is switched on."""
        import jax
        import jax.numpy as jnp

        from benchmark.tasks.composition import composed, repeated, repeated_by_class
        from benchmark.tasks.corruption import (
            clean,
            leaked,
            mislabel,
            noisy,
            noisy_copy,
            own,
            parts,
        )
        from benchmark.tasks.scaling import scaled, spread

        key, order = keys("data"), self.drawn(keys("data"))
        n, v, t = self.n_train, self.n_validation, self.n_test
        ranks = common = None
        if self.minority is None:
            front, back, beside = parts(order, n, v, t)
        else:
            last = pool.y[order] == self.outputs - 1
            key_of_ranks = jax.random.fold_in(key, _RANKS)
            (front, back, beside), ranks, common = composed(
                order, last, self.class_sizes[-1], self.minority, (n, v, t), key_of_ranks
            )
        train, validation = (clean(pool.x, index, pool.y[index]) for index in (front, back))
        test = clean(pool.x, beside, pool.y[beside]) if t else None

        if self.feature_noise is not None:
            sd = self.feature_noise * jnp.float32(spread(np.asarray(self.pool().x)))
            train, validation = noisy(train, validation, jax.random.fold_in(key, _NOISE), sd)
            test = test and noisy_copy(test, jax.random.fold_in(key, _TEST_NOISE), sd)
        if self.variety is not None:
            source = (
                repeated(n, self.variety)
                if ranks is None or common is None
                else repeated_by_class(ranks, common, self.variety)
            )
            train = clean(train.x, train.index[source], train.y[source])

        if self.mislabelled is not None:
            wrong = keys("mislabelling")
            train = mislabel(train, wrong, self.mislabelled, self.outputs)
        if self.validation_mislabelled is not None:
            wrong = jax.random.fold_in(keys("mislabelling"), _VALIDATION)
            validation = mislabel(validation, wrong, self.validation_mislabelled, self.outputs)
        if self.leak is not None:
            validation = leaked(train, validation, jax.random.fold_in(key, _LEAK), self.leak)
        if self.feature_noise is not None:
            train, validation = own(train), own(validation)
        split = Split(train, validation, test)
        return split if self.scaling is None else scaled(split, self.scaling)


def share_of(share: float, count: int) -> int:
    """`share` of `count` in whole samples, rounded as the compiled programs round it."""
    return int(np.round(np.float32(share) * np.float32(count)))
