"""Products of two arrays that say themselves how to be differentiated and mapped."""

from collections.abc import Callable
from typing import TypeAlias

import jax
from jax import Array
from jax.custom_batching import custom_vmap

Product: TypeAlias = Callable[[Array, Array], Array]


def bilinear(
    product: Product, many: Product, stacked: Callable[[Product, Array, Array], Array] | None
) -> Product:
    """`product`, linear in both arguments, with an own rule for `vmap`.

    Args:
        product: how to compute it once.
        many: another way to the same numbers, better where it is mapped.
        stacked: (product, a with a leading axis, b) → the products for every a: a way that
            calls `product` once; None if there is none.

    The forward derivative is product(da, b) + product(a, db), by the same means; `vmap`
    never meets a derivative, nor the derivative a mapped call, whichever comes first.
    """
    mapped = custom_vmap(product)

    @mapped.def_vmap
    def rule(size: int, over: list[bool], a: Array, b: Array) -> tuple[Array, bool]:
        del size
        if stacked is not None and over == [True, False]:
            return stacked(mapped, a, b), True
        axes = tuple(0 if batched else None for batched in over)
        return jax.vmap(many, in_axes=axes)(a, b), True

    differentiable = jax.custom_jvp(mapped)

    @differentiable.defjvp
    def forward(primals: tuple[Array, Array], tangents: tuple[Array, Array]):
        (a, b), (da, db) = primals, tangents
        return differentiable(a, b), differentiable(da, b) + differentiable(a, db)

    return differentiable
