"""What can be done to data: splitting, wrong labels, leaked samples, noisy features."""

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Bool, Float, Int, Key, Num

from benchmark.declare.data import Split, Subset
from benchmark.tasks.random import normal, permutation


def split(
    key: Key[Array, ""],
    x: Num[Array | np.ndarray, "pool ..."],
    y: Num[Array | np.ndarray, "pool ..."],
    train: int,
    validation: int,
    test: int = 0,
) -> Split:
    """Disjoint random training, validation and test samples of a pool; see `parts`."""
    found = parts(permutation(key, x.shape[0]), train, validation, test)
    return Split(*(clean(x, index, y[index]) for index in found if index.size))


def parts(
    order: Int[Array, " pool"], train: int, validation: int, test: int
) -> tuple[Int[Array, " train"], Int[Array, " validation"], Int[Array, " test"]]:
    """Disjoint training, validation and test samples of a pool in random order.

    Training samples are taken from the front, validation samples from the end and test
    samples from next to these. For one order a smaller training set is thus part of a
    larger one, the other sets do not depend on it, and a test set changes neither.
    """
    end = order.size - validation
    return order[:train], order[end:], order[end - test : end]


def clean(
    x: Num[Array | np.ndarray, "pool ..."],
    index: Int[Array, " sample"],
    y: Num[Array, "sample ..."],
) -> Subset:
    """A subset without wrong labels."""
    return Subset(x, index, y, jnp.zeros(index.shape, bool))


def whole(share: float | Float[Array, ""], count: int | Int[Array, ""]) -> Int[Array, ""]:
    """round(share · count), of a share that may be traced."""
    number = jnp.asarray(count, jnp.float32)
    return jnp.round(jnp.asarray(share, jnp.float32) * number).astype(jnp.int32)


def chosen(
    key: Key[Array, ""], count: int, share: float | Float[Array, ""]
) -> Bool[Array, " count"]:
    """Marks round(share · count) of `count` samples; a larger share marks a superset."""
    return jnp.argsort(permutation(key, count)) < whole(share, count)


def mislabel(
    subset: Subset, key: Key[Array, ""], share: float | Float[Array, ""], classes: int
) -> Subset:
    """`subset` with a share of its labels replaced by a different class, drawn uniformly."""
    which, what = jax.random.split(key)
    wrong = chosen(which, subset.size, share)
    # Of two classes the other one is no matter of chance; a draw is slow to compile.
    shift = (
        jax.random.randint(what, (subset.size,), 1, classes, subset.y.dtype)
        if classes > 2
        else 1
    )
    label = jnp.where(wrong, (subset.y + shift) % classes, subset.y)
    return subset._replace(y=label, corrupted=wrong)


def leaked(
    train: Subset, validation: Subset, key: Key[Array, ""], share: float | Float[Array, ""]
) -> Subset:
    """`validation` with a share of its samples replaced by training samples.

    These are the first of the training set, each with the label it has there, right or
    wrong; they repeat when the validation set is the larger one.
    """
    rank = jnp.argsort(permutation(key, validation.size))
    inside, source = rank < whole(share, validation.size), rank % train.size

    def mixed(there: Array, here: Array) -> Array:
        return jnp.where(inside, there[source], here)

    return validation._replace(
        index=mixed(train.index, validation.index),
        y=mixed(train.y, validation.y),
        corrupted=mixed(train.corrupted, validation.corrupted),
    )


def noisy(
    train: Subset, validation: Subset, key: Key[Array, ""], sd: Float[Array, ""]
) -> tuple[Subset, Subset]:
    """Both sets as parts of one copy of their samples, with Gaussian noise of the given SD."""
    # Validation leads, so that its noise does not depend on the size of the training set.
    rows = jnp.concatenate([validation.index, train.index])
    x = jnp.asarray(train.x)[rows]
    x = x + sd * normal(key, rows.size, x[0].size).reshape(x.shape)
    place = jnp.arange(rows.size, dtype=jnp.int32)
    return (
        train._replace(x=x, index=place[validation.size :]),
        validation._replace(x=x, index=place[: validation.size]),
    )


def noisy_copy(subset: Subset, key: Key[Array, ""], sd: Float[Array, ""]) -> Subset:
    """`subset` as a copy of its samples, with Gaussian noise of the given SD."""
    copy = own(subset)
    noise = normal(key, subset.size, copy.x[0].size).reshape(copy.x.shape)
    return copy._replace(x=copy.x + sd * noise)


def own(subset: Subset) -> Subset:
    """`subset` with its samples alone in `x`, as what a run carries is not shared."""
    x = jnp.asarray(subset.x)[subset.index]
    return subset._replace(x=x, index=jnp.arange(subset.size, dtype=jnp.int32))
