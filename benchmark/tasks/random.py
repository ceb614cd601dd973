"""Random numbers and permutations, drawn so that XLA compiles and runs them quickly."""

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, Int, Key


def permutation(key: Key[Array, ""], count: int) -> Int[Array, " count"]:
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


def normal(key: Key[Array, ""], rows: int, columns: int) -> Float[Array, "rows columns"]:
    """Standard normal numbers, the same as `jax.random.normal` gives for that shape.

    Drawn in one line and then folded: XLA compiles and runs a two-dimensional draw
    several times slower, as it works out row and column of every counter.
    """
    return jax.random.normal(key, (rows * columns,)).reshape(rows, columns)
