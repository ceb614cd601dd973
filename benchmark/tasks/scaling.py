"""Standardising features with what one run has seen of them."""

from collections.abc import Callable
from typing import Any, Literal

import jax.numpy as jnp
import numpy as np
from jaxtyping import Num

from benchmark.declare.data import Split

_AT_ONCE = 1 << 22


def scaled(split: Split, over: Literal["train", "all"]) -> Split:
    """`split` with every feature of mean 0 and SD 1 over its training set, or over "all".

    "all" are training and validation set; a test set is scaled with what these say and
    says nothing itself. A feature that never changes keeps its scale, as in scikit-learn.
    The samples stay where they are and are scaled when they are taken.
    """
    subsets = (split.train, split.validation) if over == "all" else (split.train,)
    x = jnp.concatenate([subset.x[subset.index] for subset in subsets])
    center = jnp.mean(x, 0)
    sd = jnp.sqrt(jnp.mean((x - center[None]) ** 2, 0))
    scale = jnp.where(sd > 1e-6 * (1 + jnp.abs(center)), sd, 1.0)
    return split.each(lambda subset: subset._replace(center=center, scale=scale))


def spread(x: Num[np.ndarray, "pool ..."]) -> float:
    """SD over all numbers of an array on the host, in pieces that fit beside a large one."""
    flat = x.reshape(-1)

    def mean(of: Callable[[Any], Any]) -> float:
        starts = range(0, flat.size, _AT_ONCE)
        pieces = (flat[i : i + _AT_ONCE].astype(np.float64) for i in starts)
        return sum(float(of(piece).sum()) for piece in pieces) / flat.size

    center = mean(lambda piece: piece)
    return mean(lambda piece: (piece - center) ** 2) ** 0.5
