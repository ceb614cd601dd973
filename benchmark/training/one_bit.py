"""The smallest change there is to a network: the last bit of one weight."""

from typing import Any

import jax
import jax.numpy as jnp
from jaxtyping import Array, Key


def one_bit_off(key: Key[Array, ""], params: Any) -> Any:
    """`params` with the last bit of one weight of the last kernel flipped.

    The first kernel would not do: a pixel that is always black hides what it is multiplied
    with. Nor would a bias, which starts as zero, next to which there are only numbers that
    processors take for zero.
    """
    leaves, tree = jax.tree.flatten(params)
    last = max(range(len(leaves)), key=lambda place: (leaves[place].ndim > 1, place))
    flat = leaves[last].reshape(-1)
    chosen = jax.random.randint(key, (), 0, flat.size, jnp.int32)
    bits = jax.lax.bitcast_convert_type(flat[chosen], jnp.uint32) ^ jnp.uint32(1)
    flipped = flat.at[chosen].set(jax.lax.bitcast_convert_type(bits, flat.dtype))
    leaves[last] = flipped.reshape(leaves[last].shape)
    return jax.tree.unflatten(tree, leaves)
