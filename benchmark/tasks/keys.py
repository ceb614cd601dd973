"""Keys of a run, by the source of randomness that they are for."""

import jax
import jax.numpy as jnp
from jaxtyping import Array, Int, Key

from benchmark.declare.data import Keys
from benchmark.declare.sources import SOURCES


def source_keys(seeds: Int[Array, " source"]) -> Key[Array, " source"]:
    """Keys of one run, folded from (source, seed) and from nothing else.

    The condition never enters, so the same seed means the same initialisation, data and
    order under every condition. Threefry is named because other generators do not
    promise the same numbers under `vmap`.
    """
    root = jax.random.key(0, impl="threefry2x32")
    places = jnp.arange(len(SOURCES), dtype=jnp.int32)
    return jax.vmap(lambda p, s: jax.random.fold_in(jax.random.fold_in(root, p), s))(
        places, seeds
    )


def by_source(keys: Key[Array, " source"]) -> Keys:
    """Looks a run's keys up by the name of the source."""
    return lambda source: keys[SOURCES.index(source)]
