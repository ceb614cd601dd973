"""What can be done to data: subsetting and splitting, and wrong labels."""

import jax
import jax.numpy as jnp
from jaxtyping import Array, Bool, Float, Int, Key, Num

from benchmark.tasks.data import Anywhere, Keys, Sample, View


def shuffled(key: Key[Array, ""], count: int) -> Int[Array, " count"]:
    """A random permutation of 0 … count − 1: one sort of random numbers.

    `jax.random.permutation` sorts several times over and costs a second of compile time.
    Up to 4,096 the index is packed into the low bits of the random number, as a sort of
    one array is four times as fast on a CPU as a sort that carries an index along; the
    20 or more random bits above tie so rarely that the order of a tie does not matter.
    """
    bits = jax.random.bits(key, (count,))
    if count > 4096:
        return jnp.argsort(bits)
    low = jnp.uint32((1 << (count - 1).bit_length()) - 1)
    packed = jnp.sort((bits & ~low) | jnp.arange(count, dtype=jnp.uint32))
    return (packed & low).astype(jnp.int32)


def split(
    key: Key[Array, ""],
    x: Num[Anywhere, "pool ..."],
    y: Num[Anywhere, "pool ..."],
    train: int,
    validation: int,
) -> Sample:
    """Disjoint random training and validation samples of a pool.

    Training samples are taken from the front of one permutation and validation samples
    from its end, so for one key a smaller training set is part of a larger one and the
    validation set does not depend on it.
    """
    order = shuffled(key, x.shape[0])
    front, back = order[:train], order[x.shape[0] - validation :]
    return Sample(clean(x, front, y[front]), clean(x, back, y[back]))


def clean(
    x: Num[Anywhere, "pool ..."], index: Int[Array, " sample"], y: Num[Array, "sample ..."]
) -> View:
    """A view without wrong labels."""
    return View(x, index, y, jnp.zeros(index.shape, bool))


def chosen(
    key: Key[Array, ""], count: int, share: float | Float[Array, ""]
) -> Bool[Array, " count"]:
    """Marks round(share · count) of `count` samples; a larger share marks a superset."""
    rank = jnp.argsort(shuffled(key, count))
    return rank < jnp.round(jnp.asarray(share, jnp.float32) * count).astype(rank.dtype)


def mislabel(
    view: View, keys: Keys, share: float | Float[Array, ""] | None, classes: int
) -> View:
    """`view` with a share of its labels replaced by a different class, drawn uniformly."""
    if share is None:
        return view
    which, what = jax.random.split(keys("mislabelling"))
    wrong = chosen(which, view.size, share)
    shift = jax.random.randint(what, (view.size,), 1, classes, view.y.dtype)
    label = jnp.where(wrong, (view.y + shift) % classes, view.y)
    return view._replace(y=label, corrupted=wrong)
