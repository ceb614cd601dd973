"""The contract of a network: two pure functions over its variables."""

from collections.abc import Callable
from typing import Any, NamedTuple, TypeAlias

import flax.linen as nn
from jaxtyping import Array, Float, Key, Num

Variables: TypeAlias = dict[str, Any]
"""Collections by name: "params", and whatever else the network carries along."""


class Network(NamedTuple):
    """A network that lanes can carry.

    Attributes:
        init: (key, x [batch, …]) → variables.
        apply: (variables, x [batch, …], train, key) → outputs [batch, output] and the
            variables after the pass (statistics may change when `train`).
        stochastic: whether `apply` uses its key when `train`.
    """

    init: Callable[[Key[Array, ""], Num[Array, "batch ..."]], Variables]
    apply: Callable[
        [Variables, Num[Array, "batch ..."], bool, Key[Array, ""]],
        tuple[Float[Array, "batch output"], Variables],
    ]
    stochastic: bool = False


def from_flax(module: nn.Module, stochastic: bool = False) -> Network:
    """The network of a flax module whose call takes ``(x, train)``."""

    def init(key: Key[Array, ""], x: Num[Array, "batch ..."]) -> Variables:
        return dict(module.init(key, x, train=False))

    def apply(
        variables: Variables, x: Num[Array, "batch ..."], train: bool, key: Key[Array, ""]
    ) -> tuple[Float[Array, "batch output"], Variables]:
        carried = [name for name in variables if name != "params"]
        rngs = {"dropout": key} if stochastic and train else None
        if not (train and carried):
            return module.apply(variables, x, train=train, rngs=rngs), variables  # pyright: ignore[reportReturnType]
        outputs, changed = module.apply(variables, x, train=train, rngs=rngs, mutable=carried)
        return outputs, {**variables, **changed}

    return Network(init, apply, stochastic)
