"""Which samples a set is made of: the share of one class, and how many are distinct.

Both work on *ranks*: a random numbering 0 … n − 1 of the places of a set. Ranks below the
number of common samples hold these, the others hold the rare class, each class filling up
from its end of the ranks. One more rare sample thus changes one place and no other.
"""

from typing import TypeAlias

import jax
import jax.numpy as jnp
from jaxtyping import Array, Bool, Float, Int, Key

from benchmark.tasks.corruption import whole

Share: TypeAlias = float | Float[Array, ""]


def composed(
    order: Int[Array, " pool"],
    rare: Bool[Array, " pool"],
    held: int,
    share: Share,
    sizes: tuple[int, int, int],
    key: Key[Array, ""],
) -> tuple[
    tuple[Int[Array, " train"], Int[Array, " validation"], Int[Array, " test"]],
    Int[Array, " train"],
    Int[Array, ""],
]:
    """Training, validation and test samples with `share` of the rare class in each.

    Args:
        order: the pool in the order in which it is drawn from.
        rare: which of `order` belong to the rare class; `held` of them do.
        share: of the rare class, in each of the sets.
        sizes: of the training, the validation and the test set.
        key: of the places that the rare samples take.

    Returns:
        The three sets: training from the front of `order`, validation from its end and
        test from next to that; then the ranks of the training places and how many of them
        hold common samples.
    """
    by_class = order[jnp.argsort(~rare, stable=True)]
    first, others = by_class[:held], by_class[held:]
    n, v, t = sizes
    # Validation leads, so that its places do not depend on the size of the training set.
    bits = jax.random.bits(key, (v + n,))
    train, validation = jnp.argsort(bits[v:]), jnp.argsort(bits[:v])
    front = _filled(first, others, train, share)
    back = _filled(first[::-1], others[::-1], validation, share)
    # A key of its own, so that a test set changes no other.
    test = jnp.argsort(jax.random.bits(jax.random.fold_in(key, 1), (t,)))
    skipped = whole(share, v)
    beside = _filled(first[::-1], others[::-1], test, share, skipped, v - skipped)
    return (front, back, beside), train, n - whole(share, n)


def _filled(
    rare: Int[Array, " rare"],
    common: Int[Array, " common"],
    rank: Int[Array, " place"],
    share: Share,
    skipped_rare: int | Int[Array, ""] = 0,
    skipped_common: int | Int[Array, ""] = 0,
) -> Int[Array, " place"]:
    from_end = rank.size - 1 - rank
    is_rare = from_end < whole(share, rank.size)
    # Places of the other kind may point outside of a list; what they read is not used.
    return jnp.where(
        is_rare,
        rare.at[from_end + skipped_rare].get(mode="clip"),
        common.at[rank + skipped_common].get(mode="clip"),
    )


def repeated(count: int, variety: Share) -> Int[Array, " count"]:
    """For each place the place whose sample it repeats: the first few, over and over."""
    return jnp.arange(count, dtype=jnp.int32) % _distinct(variety, jnp.int32(count))


def repeated_by_class(
    rank: Int[Array, " place"], common: Int[Array, ""], variety: Share
) -> Int[Array, " place"]:
    """As `repeated`, within the rare class and within the others."""
    count = jnp.int32(rank.size)
    from_end = count - 1 - rank
    rank_repeated = jnp.where(
        rank < common,
        rank % _distinct(variety, common),
        count - 1 - from_end % _distinct(variety, count - common),
    )
    return jnp.argsort(rank)[rank_repeated]


def _distinct(variety: Share, count: Int[Array, ""]) -> Int[Array, ""]:
    return jnp.maximum(whole(variety, count), 1)
