"""Random numbers for tasks."""

import jax
from jaxtyping import Array, Float, Key


def normal(key: Key[Array, ""], rows: int, columns: int) -> Float[Array, "rows columns"]:
    """Standard normal numbers, the same as `jax.random.normal` gives for that shape.

    Drawn in one line and then folded: XLA compiles and runs a two-dimensional draw
    several times slower, as it works out row and column of every counter.
    """
    return jax.random.normal(key, (rows * columns,)).reshape(rows, columns)
