"""The LSTM with its own gradient against one that is differentiated step by step."""

from collections.abc import Callable
from typing import Any

import flax.linen as nn
import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmark.declare.network import Mode
from benchmark.models.dense import dropout
from benchmark.models.lstm_network import LSTMNetwork
from benchmark.models.recurrent import LSTMLayer, lstm, lstm_time_major
from helpers.numbers import agree

# 1e-12: some hundred float64 roundings of 1e-16 each, on numbers of order one to ten.
EXACT = 1e-12
# The same count of float32 roundings of 6e-8; gradients are sums over batch and time.
SINGLE = 2e-5


def naive(kernel, recurrent_kernel, bias, inputs):
    """Keras' LSTM word for word, gradients by automatic differentiation."""

    def step(state, x):
        hidden, cell = state
        z = x @ kernel + hidden @ recurrent_kernel + bias[None]
        i, f, c, o = jnp.split(z, 4, axis=1)
        cell = jax.nn.sigmoid(f) * cell + jax.nn.sigmoid(i) * jnp.tanh(c)
        hidden = jax.nn.sigmoid(o) * jnp.tanh(cell)
        return (hidden, cell), hidden

    zero = jnp.zeros((inputs.shape[0], recurrent_kernel.shape[0]), inputs.dtype)
    _, outputs = jax.lax.scan(step, (zero, zero), inputs.swapaxes(0, 1))
    return outputs.swapaxes(0, 1)


def arguments(batch, time, inputs, features, seed=0, dtype="float64", lanes=()):
    random = np.random.default_rng(seed)
    shapes = (
        (*lanes, inputs, 4 * features),
        (*lanes, features, 4 * features),
        (*lanes, 4 * features),
        (*lanes, batch, time, inputs),
    )
    return tuple(jnp.asarray(random.normal(size=shape), dtype) for shape in shapes)


def values_and_gradients(function: Callable, args: tuple) -> tuple:
    """Outputs, and the gradients of a random projection of them in all arguments."""

    @jax.jit
    def compute(args):
        outputs, pull_back = jax.vjp(function, *args)
        cotangent = np.random.default_rng(1).normal(size=outputs.shape)
        return outputs, *pull_back(jnp.asarray(cotangent, outputs.dtype))

    return compute(args)


def close(actual: Any, expected: Any, tolerance: float) -> bool:
    return np.allclose(actual, expected, rtol=tolerance, atol=tolerance)


def start(module: nn.Module, x: jax.Array, *mode: Mode) -> Any:
    return module.init(jax.random.key(0), x, *mode)


small = st.integers(1, 4)


@settings(max_examples=6, deadline=None)
@given(batch=small, time=small, inputs=small, features=small, seed=st.integers(0, 99))
def test_values_and_gradients_in_float64(batch, time, inputs, features, seed):
    with jax.enable_x64(True):
        args = arguments(batch, time, inputs, features, seed)
        agree(values_and_gradients(lstm, args), values_and_gradients(naive, args), EXACT)


@pytest.mark.parametrize("inputs", [1, 3])
def test_values_and_gradients_in_float32(inputs):
    args = arguments(4, 9, inputs, 8, dtype="float32")
    agree(values_and_gradients(lstm, args), values_and_gradients(naive, args), SINGLE)


@pytest.mark.parametrize("inputs", [1, 3])
def test_lanes_are_the_single_runs(inputs):
    with jax.enable_x64(True):
        args = arguments(2, 5, inputs, 3, lanes=(4,))
        together = values_and_gradients(jax.vmap(lstm), args)
        alone = values_and_gradients(jax.vmap(naive), args)
        agree(together, alone, EXACT)


def test_lanes_may_share_their_inputs():
    with jax.enable_x64(True):
        *weights, _ = arguments(2, 5, 3, 2, lanes=(4,))
        shared = arguments(2, 5, 3, 2)[3]
        over_weights = [jax.vmap(f, in_axes=(0, 0, 0, None)) for f in (lstm, naive)]
        ours, expected = (values_and_gradients(f, (*weights, shared)) for f in over_weights)
        agree(ours, expected, EXACT)


@pytest.mark.parametrize("time", [1, 4, 5])
def test_last_hidden_state_alone(time):
    with jax.enable_x64(True):
        args = arguments(3, time, 2, 4)

        def last(kernel, recurrent_kernel, bias, inputs):
            steps = inputs.swapaxes(0, 1)
            return lstm_time_major(kernel, recurrent_kernel, bias, steps, True)

        def expected(*args):
            return naive(*args)[:, -1]

        agree(values_and_gradients(last, args), values_and_gradients(expected, args), EXACT)


def test_hessian_vector_products():
    with jax.enable_x64(True):
        args, direction = arguments(2, 4, 2, 3), arguments(2, 4, 2, 3, seed=1)

        def product(function):
            def loss(args):
                return (function(*args) ** 2).sum()

            return jax.jit(lambda a, d: jax.jvp(jax.grad(loss), (a,), (d,))[1])

        agree(product(lstm)(args, direction), product(naive)(args, direction), EXACT)


def test_stays_finite_where_gates_saturate():
    args = tuple(1e3 * a for a in arguments(2, 3, 2, 3, dtype="float32"))
    assert all(bool(jnp.isfinite(a).all()) for a in values_and_gradients(lstm, args))


def test_layer_starts_as_in_keras():
    x = jnp.ones((2, 3, 5))
    layer = LSTMLayer(8)
    params = start(layer, x)["params"]
    limit = (6 / (5 + 32)) ** 0.5
    assert params["kernel"].shape == (5, 32)
    assert limit * 0.8 < float(jnp.abs(params["kernel"]).max()) <= limit
    recurrent = params["recurrent_kernel"]
    np.testing.assert_allclose(recurrent @ recurrent.T, np.eye(8), atol=1e-5)
    np.testing.assert_array_equal(params["bias"], np.repeat([0.0, 1.0, 0.0, 0.0], 8))
    outputs = jnp.asarray(layer.apply({"params": params}, x))
    assert outputs.shape == (2, 3, 8)
    last = LSTMLayer(8, return_sequences=False).apply({"params": params}, x)
    assert close(last, outputs[:, -1], SINGLE)


def test_network_is_its_layers_and_a_linear_map():
    x = jax.random.normal(jax.random.key(1), (3, 6, 2))
    network = LSTMNetwork((5, 4), outputs=3)
    variables = start(network, x, Mode(False))
    params = variables["params"]
    hidden = x
    for name in ("LSTMLayer_0", "LSTMLayer_1"):
        layer = params[name]
        hidden = naive(layer["kernel"], layer["recurrent_kernel"], layer["bias"], hidden)
    expected = hidden[:, -1] @ params["Dense_0"]["kernel"]
    for train in (False, True):  # no dropout: no random numbers are asked for
        assert close(network.apply(variables, x, Mode(train)), expected, SINGLE)


def test_dropout_rate_may_be_traced():
    x = jax.random.normal(jax.random.key(1), (3, 6, 2))
    variables = start(LSTMNetwork((5, 4), 3), x, Mode(False))

    @jax.jit
    def apply(rate):
        network = LSTMNetwork((5, 4), 3, rate)
        return network.apply(variables, x, Mode(True), rngs={"dropout": jax.random.key(2)})

    plain = LSTMNetwork((5, 4), 3).apply(variables, x, Mode(True))
    assert close(apply(0.0), plain, SINGLE)
    assert not close(apply(0.5), plain, SINGLE)
    assert close(LSTMNetwork((5, 4), 3, 0.5).apply(variables, x, Mode(False)), plain, SINGLE)


def test_dropout_keeps_the_mean():
    x = jnp.full((100, 1000), 2.0)
    dropped = dropout(jax.random.key(0), x, 0.25)
    kept = float((dropped != 0).mean())
    # Five standard errors of a proportion over 100 000 elements.
    assert kept == pytest.approx(0.75, abs=5 * (0.75 * 0.25 / x.size) ** 0.5)
    np.testing.assert_allclose(jnp.unique(dropped), [0.0, 2.0 / 0.75], rtol=1e-6)
