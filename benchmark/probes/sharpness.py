"""Largest curvature of the training loss, by Lanczos iteration."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from benchmark.declare.condition import Condition, Probe, Probing, SeriesKind
from benchmark.declare.fields import static
from benchmark.declare.parts import Optimizer

if TYPE_CHECKING:
    from jaxtyping import Array


@dataclass(frozen=True)
class Sharpness(Probe):
    """Largest eigenvalue of the Hessian of the full training loss.

    Series: `sharpness`; and for adaptive optimizers `preconditioned_sharpness`, that of
    P^(-1/2) H P^(-1/2) with the optimizer's preconditioner P (Cohen et al. 2022).

    Attributes:
        every: epochs between two looks.
        iterations: Lanczos steps; the largest eigenvalue needs few, as it stands out.
    """

    every: int = static(10, at_least=1)
    iterations: int = static(24, at_least=2)

    def effort(self, condition: Condition) -> float:
        return 2.0 * self.iterations * condition.task.samples

    def series(self, condition: Condition) -> Mapping[str, SeriesKind]:
        names: dict[str, SeriesKind] = {"sharpness": "epoch"}
        if type(condition.optimizer).preconditioner is not Optimizer.preconditioner:
            names["preconditioned_sharpness"] = "epoch"
        return names

    def reads(self, condition: Condition) -> tuple[str, ...]:
        return ("optimizer",)

    def at_epoch(self, probing: Probing, key: "Array") -> "dict[str, Array]":
        import jax
        import jax.numpy as jnp
        from jax.flatten_util import ravel_pytree

        flat, unravel = ravel_pytree(probing.params)

        def gradient(params: Any) -> Any:
            return ravel_pytree(jax.grad(probing.full_loss)(unravel(params)))[0]

        def hessian(vector: Any) -> Any:
            return jax.jvp(gradient, (flat,), (vector,))[1]

        steps = min(self.iterations, flat.size)
        series = {"sharpness": largest_eigenvalue(hessian, key, flat.size, steps)}
        preconditioner = probing.condition.optimizer.preconditioner(probing.optimizer_state)
        if preconditioner is not None:
            scale = 1 / jnp.sqrt(ravel_pytree(preconditioner)[0])
            series["preconditioned_sharpness"] = largest_eigenvalue(
                lambda vector: scale * hessian(scale * vector), key, flat.size, steps
            )
        return series


def largest_eigenvalue(
    product: "Callable[[Array], Array]", key: "Array", size: int, iterations: int
) -> "Array":
    """Largest eigenvalue of a symmetric linear map (Lanczos 1950).

    Every new vector is made orthogonal to all earlier ones twice: without that, rounding
    breeds ghost copies of the largest eigenvalue (Parlett 1998, chapter 13).
    """
    import jax
    import jax.numpy as jnp

    start = jax.random.normal(key, (size,))
    first = start / jnp.linalg.norm(start)
    basis = jnp.zeros((iterations, size)).at[0].set(first)

    def extend(carry: Any, i: Any) -> Any:
        basis, vector = carry
        image = product(vector)
        diagonal = jnp.dot(vector, image)
        for _ in range(2):
            image = image - basis.T @ (basis @ image)
        length = jnp.linalg.norm(image)
        # At an invariant subspace the rest is rounding: a zero vector ends the recurrence.
        safe = length > 1e-6 * jnp.abs(diagonal)
        following = jnp.where(safe, image / jnp.where(safe, length, 1.0), jnp.zeros_like(image))
        basis = jax.lax.dynamic_update_index_in_dim(basis, following, i + 1, 0)
        return (basis, following), (diagonal, jnp.where(safe, length, 0.0))

    # The last update falls outside the basis and is clamped onto its last row, which no
    # later step reads.
    _, (diagonal, off) = jax.lax.scan(extend, (basis, first), jnp.arange(iterations))
    tridiagonal = jnp.diag(diagonal) + jnp.diag(off[:-1], 1) + jnp.diag(off[:-1], -1)
    finite = jnp.isfinite(tridiagonal).all()
    values = jnp.linalg.eigvalsh(jnp.where(finite, tridiagonal, jnp.zeros_like(tridiagonal)))
    # After a breakdown the empty rest contributes zeros, which must not pass for eigenvalues
    # of a negative definite map.
    alive = jnp.cumprod(jnp.concatenate([jnp.ones(1), (off[:-1] > 0).astype(off.dtype)]))
    dead = jnp.sum(1 - alive)
    lowest = jnp.where(dead > 0, jnp.max(jnp.where(alive > 0, diagonal, -jnp.inf)), -jnp.inf)
    largest = jnp.where((dead > 0) & (values[-1] <= 0), lowest, values[-1])
    return jnp.where(finite, largest, jnp.nan)
