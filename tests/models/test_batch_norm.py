"""Batch normalisation against closed forms."""

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from benchmark.declare.network import EVALUATION, Mode
from benchmark.models.batch_norm import BatchNorm
from helpers.numbers import agree, drawn


def normalised(x, mode, variables=None, momentum=0.9):
    module = BatchNorm(momentum)
    variables = (
        module.init(jax.random.key(0), x, EVALUATION) if variables is None else variables
    )
    return module.apply(variables, x, mode, mutable=["batch_stats"])


@pytest.mark.usefixtures("double_precision")
@pytest.mark.parametrize("pixels", [(), (3,), (3, 2)])
def test_batch_norm_is_differentiated_as_it_is_written(pixels):
    x, scale, shift = drawn(5, *pixels, 4), drawn(4, seed=1), drawn(4, seed=2)
    weight = jnp.array([1.0, 1, 0, 1, 0])
    stats = {"mean": jnp.zeros(4), "var": jnp.ones(4)}

    def own(x, scale, shift):
        variables = {"params": {"scale": scale, "bias": shift}, "batch_stats": stats}
        return normalised(x, Mode(True, weight), variables)[0]

    def naive(x, scale, shift):
        here = weight.reshape(-1, *(1,) * (x.ndim - 1)) * jnp.ones_like(x)
        axes = tuple(range(x.ndim - 1))
        mean = jnp.sum(here * x, axes, keepdims=True) / jnp.sum(here, axes, keepdims=True)
        square = here * (x - mean) ** 2
        variance = jnp.sum(square, axes, keepdims=True) / jnp.sum(here, axes, keepdims=True)
        features = (1,) * (x.ndim - 1) + (-1,)
        hat = (x - mean) / jnp.sqrt(variance + 1e-3)
        return hat * scale.reshape(features) + shift.reshape(features)

    def everything(function):
        def loss(*arguments):
            return jnp.sum(jnp.sin(function(*arguments)))

        def second(*arguments):
            squares = tuple(a * a for a in arguments)
            return jax.jvp(jax.grad(loss, (0, 1, 2)), arguments, squares)

        return jax.jit(second)(x, scale, shift)

    agree(own(x, scale, shift), naive(x, scale, shift))
    agree(everything(own), everything(naive))


@pytest.mark.usefixtures("double_precision")
def test_padding_does_not_enter_batch_statistics():
    x = drawn(6, 4, 4, 3)
    weight = jnp.array([1.0, 1, 0, 1, 1, 0])
    kept = np.array([0, 1, 3, 4])
    padded, recorded = normalised(x, Mode(True, weight))
    alone, expected = normalised(x[kept], Mode(True))
    agree(padded[kept], alone)
    agree(recorded, expected)


@pytest.mark.usefixtures("double_precision")
def test_recorded_statistics_follow_their_closed_form():
    x, momentum, steps = drawn(8, 3), 0.8, 5
    variables: Any = BatchNorm(momentum).init(jax.random.key(0), x, EVALUATION)
    for _ in range(steps):
        _, changed = normalised(x, Mode(True), variables, momentum)
        variables = {**variables, **changed}
    left = momentum**steps
    stats = variables["batch_stats"]
    agree(stats["mean"], (1 - left) * jnp.mean(x, 0))
    agree(stats["var"], left + (1 - left) * jnp.var(x, 0))
    y, _ = normalised(x, EVALUATION, variables)
    agree(y, (x - stats["mean"][None]) / jnp.sqrt(stats["var"] + 1e-3)[None])
    own, after = normalised(x, Mode(False, batch_statistics=True), variables)
    agree(own, normalised(x, Mode(True), variables)[0])
    agree(after["batch_stats"], stats)
