"""A flax module as a network that lanes can carry."""

from collections.abc import Callable
from typing import Any

import flax.linen as nn
from jaxtyping import Array, Float, Key, Num

from benchmark.declare.network import EVALUATION, Mode, Network, Variables


def from_flax(
    module: nn.Module,
    stochastic: bool = False,
    follow: Callable[[Any, Any], Any] | None = None,
) -> Network:
    """The network of a flax module whose call takes ``(x, mode)``.

    Args:
        module: the module.
        stochastic: whether it draws from its stream "dropout" in training.
        follow: see `Network`.
    """

    def init(key: Key[Array, ""], x: Num[Array, "batch ..."]) -> Variables:
        return dict(module.init(key, x, EVALUATION))

    def apply(
        variables: Variables, x: Num[Array, "batch ..."], mode: Mode, key: Key[Array, ""]
    ) -> tuple[Float[Array, "batch output"], Variables]:
        carried = [name for name in variables if name != "params"]
        rngs = {"dropout": key} if stochastic and mode.train else None
        if not ((mode.train or mode.reports) and carried):
            return module.apply(variables, x, mode, rngs=rngs), variables  # pyright: ignore[reportReturnType]
        outputs, changed = module.apply(variables, x, mode, rngs=rngs, mutable=carried)
        return outputs, {**variables, **changed}

    return Network(init, apply, stochastic, follow)
