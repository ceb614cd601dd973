"""The dense product for small batches against the plain one."""

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from benchmark.declare.network import EVALUATION
from benchmark.models.dense import DenseNetwork, dense_product
from helpers.numbers import agree

# Some hundred float32 roundings of 6e-8 each, on numbers of order one to ten.
SINGLE = 2e-5
# The same of 1e-16, where the two sides may differ in the order of summation alone.
EXACT = 1e-12
CONTRACTION = (((1,), (0,)), ((), ()))


def network_pair(batch: int, activation: str, widths: tuple[int, ...], dtype: Any) -> Any:
    """Losses of (parameters, x) with the dense product and with plain matrix products."""
    module = DenseNetwork(widths, 3, activation)
    rng = np.random.default_rng(batch)
    x = jnp.asarray(rng.normal(size=(batch, 5)), dtype)
    example = jnp.zeros(x.shape, np.float32)
    shapes = jax.eval_shape(lambda: module.init(jax.random.key(0), example, EVALUATION))
    params = jax.tree.map(lambda s: jnp.asarray(rng.normal(size=s.shape), dtype), shapes)
    activate = {"relu": jax.nn.relu, "tanh": jnp.tanh}[activation]

    def loss(params: Any, x: Any) -> Any:
        outputs: Any = module.apply(params, x, EVALUATION)
        return jnp.mean(jax.nn.logsumexp(outputs, axis=-1))

    def plain(params: Any, x: Any) -> Any:
        for i in range(len(widths) + 1):
            layer = params["params"][f"Dense_{i}"]
            x = x @ layer["kernel"] + layer["bias"][None]
            x = activate(x) if i < len(widths) else x
        return jnp.mean(jax.nn.logsumexp(x, axis=-1))

    return loss, plain, params, x


def derivatives(loss: Any, params: Any, x: Any) -> Any:
    """Value, gradients by parameters and input, and a Hessian-vector product."""
    by_params = jax.grad(loss)
    product = jax.jvp(lambda p: by_params(p, x), (params,), (params,))[1]
    return jax.value_and_grad(loss, argnums=(0, 1))(params, x), product


@pytest.mark.parametrize(
    ("batch", "activation", "widths"),
    [(1, "tanh", (6,)), (4, "relu", (7, 4)), (16, "tanh", (6,)), (17, "tanh", (6,))],
)
def test_gradients_and_hessian_products_are_exact(batch, activation, widths):
    with jax.enable_x64(True):
        loss, plain, params, x = network_pair(batch, activation, widths, np.float64)
        ours, theirs = jax.jit(
            lambda p, x: (derivatives(loss, p, x), derivatives(plain, p, x))
        )(params, x)
        agree(ours, theirs, EXACT)


def test_per_sample_gradients_under_vmap():
    loss, plain, params, x = network_pair(8, "relu", (7, 4), np.float32)

    @jax.jit
    def gradients(params: Any, x: Any) -> Any:
        return [
            jax.vmap(lambda one, loss=loss: jax.grad(loss)(params, one[None]))(x)
            for loss in (loss, plain)
        ]

    ours, theirs = gradients(params, x)
    agree(ours, theirs, SINGLE)


def test_lanes_under_vmap():
    loss, plain, params, x = network_pair(4, "tanh", (6,), np.float32)
    many = jax.tree.map(lambda leaf: jnp.stack([leaf, -leaf, leaf * 0.5]), params)
    sides = [jax.vmap(jax.grad(loss), in_axes=(0, None)) for loss in (loss, plain)]
    ours, theirs = jax.jit(lambda p, x: [side(p, x) for side in sides])(many, x)
    agree(ours, theirs, SINGLE)


def test_not_a_number_stays_one():
    x = jnp.zeros((2, 3)).at[0, 0].set(jnp.inf)
    kernel = jnp.zeros((3, 4))
    product, transposed = jax.vjp(lambda w: dense_product(x, w, CONTRACTION), kernel)
    (gradient,) = transposed(jnp.zeros((2, 4)))
    assert np.isnan(np.asarray(product)[0]).all()
    assert np.isnan(np.asarray(gradient)[0]).all()
    assert not np.isnan(np.asarray(gradient)[1:]).any()


@pytest.mark.parametrize("shape", [(3,), (2, 4, 3), (40, 3)])
def test_other_shapes_take_the_plain_product(shape):
    x, kernel = jnp.ones(shape), jnp.ones((3, 2))
    numbers = (((len(shape) - 1,), (0,)), ((), ()))
    text = str(jax.make_jaxpr(lambda: dense_product(x, kernel, numbers))())
    assert "custom_vjp" not in text
