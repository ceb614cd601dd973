"""An LSTM layer whose backward pass is written out, several times faster on CPU.

Differentiating a `scan` over time automatically accumulates every weight gradient step by
step and keeps each intermediate result. The rule below carries only the two state gradients
backwards, keeps six numbers per unit and step besides the outputs, and forms the weight
gradients after the loop, each as one matrix product over all steps.
"""

from typing import Any, NamedTuple

import flax.linen as nn
import jax
import jax.numpy as jnp
from jax import Array, lax
from jaxtyping import Float

from benchmark.models.initial import glorot_uniform

# Two steps per trip spare half of the loop's bookkeeping; more gave nothing, measured.
_UNROLL = 2


class _Saved(NamedTuple):
    """What the backward pass needs of every time step.

    `gates` is ∂z in units of its state gradient: for the gates i, f and g times the gradient
    of the cell, for the gate o times that of the output (see `_backward`).
    """

    gates: Float[Array, "time batch gates"]
    output: Float[Array, "time batch features"]  # ∂h/∂c = o (1 - tanh² c)
    forget: Float[Array, "time batch features"]  # ∂c_t/∂c_{t-1} = f


def lstm(
    kernel: Float[Array, "inputs gates"],
    recurrent_kernel: Float[Array, "features gates"],
    bias: Float[Array, " gates"],
    inputs: Float[Array, "batch time inputs"],
) -> Float[Array, "batch time features"]:
    """Hidden states of an LSTM with zero initial state, in Keras' gate order i, f, g, o.

        z_t = x_t K + h_{t-1} U + b,    i, f, o = sigmoid(z),    g = tanh(z)
        c_t = f c_{t-1} + i g,          h_t = o tanh(c_t)

    Source: Hochreiter and Schmidhuber (1997), with the forget gate of Gers et al. (2000).
    Differentiable in reverse mode in all four arguments, under `vmap` too, and that gradient
    in either mode (Hessian-vector products); not in forward mode alone.
    """
    outputs = lstm_time_major(kernel, recurrent_kernel, bias, inputs.swapaxes(0, 1), False)
    return outputs.swapaxes(0, 1)


def lstm_time_major(
    kernel: Float[Array, "inputs gates"],
    recurrent_kernel: Float[Array, "features gates"],
    bias: Float[Array, " gates"],
    inputs: Float[Array, "time batch inputs"],
    last_only: bool,
) -> Float[Array, "*time batch features"]:
    """`lstm` with the time axis in front; `last_only` returns the last hidden state alone."""
    return _lstm(kernel, recurrent_kernel, bias, inputs, last_only)


def _plain(
    kernel: Array, recurrent_kernel: Array, bias: Array, inputs: Array, last_only: bool
) -> Array:
    last, outputs, _ = _forward(kernel, recurrent_kernel, bias, inputs, save=False)
    return last if last_only else outputs


def _forward(
    kernel: Array, recurrent_kernel: Array, bias: Array, inputs: Array, save: bool
) -> tuple[Array, Array, _Saved | None]:
    """Last hidden state, all hidden states and, if `save`, what the gradient needs."""
    time, batch, width = inputs.shape
    features, dtype = recurrent_kernel.shape[0], inputs.dtype
    # sigmoid(z) = (1 + tanh(z/2)) / 2: with the halves moved into the weights, one tanh over
    # the whole row serves all four gates.
    half = jnp.repeat(jnp.asarray([0.5, 0.5, 1.0, 0.5], dtype), features)[None]
    quarter = half * half
    kernel, recurrent_kernel, bias = kernel * half, recurrent_kernel * half, bias[None] * half
    # XLA turns a product with one column into a multiplication that it fuses with the tanh;
    # a wider one is faster for all steps at once.
    hoisted = width > 1
    if hoisted:
        projected = (inputs.reshape(time * batch, width) @ kernel).reshape(time, batch, -1)
    else:
        projected = jnp.zeros((time, batch, 4 * features), dtype)

    def step(t: Array, carry: tuple) -> tuple:
        hidden, cell, outputs, (gates, output, forget) = carry
        z = _at(gates, t) if hoisted else _at(inputs, t) @ kernel
        a = jnp.tanh(hidden @ recurrent_kernel + z + jnp.broadcast_to(bias, z.shape))
        i, f, g, o = jnp.split(a, 4, axis=-1)
        i, f, o = 0.5 * i + 0.5, 0.5 * f + 0.5, 0.5 * o + 0.5
        new_cell = f * cell + i * g
        squashed = jnp.tanh(new_cell)
        hidden = o * squashed
        if save:
            # A product of two plain arrays stays vectorised; XLA computes a concatenation of
            # four different products element by element.
            slope = (1.0 - a * a) * jnp.broadcast_to(quarter, a.shape)
            slope = slope * jnp.concatenate([g, cell, i, squashed], axis=-1)
            # Written where this step's projection stood: it is not read again, and the less
            # memory is touched the better.
            gates = _put(gates, slope, t)
            output = _put(output, o * (1.0 - squashed * squashed), t)
            forget = _put(forget, f, t)
        return hidden, new_cell, _put(outputs, hidden, t), _Saved(gates, output, forget)

    state = jnp.zeros((batch, features), dtype)
    states = jnp.zeros((time, batch, features), dtype)
    carry = (state, state, states, _Saved(projected, states, states))
    last, _, outputs, saved = lax.fori_loop(0, time, step, carry, unroll=_UNROLL)
    return last, outputs, saved if save else None


def _forward_saving(
    kernel: Array, recurrent_kernel: Array, bias: Array, inputs: Array, last_only: bool
) -> tuple[Array, Any]:
    last, outputs, saved = _forward(kernel, recurrent_kernel, bias, inputs, save=True)
    residuals = (kernel, recurrent_kernel, inputs, outputs, saved)
    return (last if last_only else outputs), residuals


def _backward(last_only: bool, residuals: Any, cotangent: Array) -> tuple[Array, ...]:
    """The vector-Jacobian product. Backwards in time, with ∂ the gradient of the loss,

        ∂h_t = ∂y_t + ∂z_{t+1} Uᵀ,    ∂c_t = ∂c_{t+1} f_{t+1} + ∂h_t o (1 - tanh² c_t)
        ∂z_i = ∂c_t g i (1 - i),      ∂z_f = ∂c_t c_{t-1} f (1 - f)
        ∂z_g = ∂c_t i (1 - g²),       ∂z_o = ∂h_t tanh(c_t) o (1 - o)

    and then ∂K = Σ xᵀ ∂z, ∂U = Σ h_{t-1}ᵀ ∂z, ∂b = Σ ∂z and ∂x = ∂z Kᵀ. The forward pass
    saved the factors of ∂c_t and ∂h_t, so that a step is one matrix product and six more
    multiplications per unit.
    """
    kernel, recurrent_kernel, inputs, outputs, saved = residuals
    time, batch, features = outputs.shape
    transposed = recurrent_kernel.T

    def step(reverse: Array, carry: tuple) -> tuple:
        t = time - 1 - reverse
        hidden, cell, gates = carry
        if not last_only:
            hidden = hidden + _at(cotangent, t)
        cell = cell + hidden * _at(saved.output, t)
        # In place over the saved factors, again to touch less memory.
        z = _at(gates, t) * jnp.concatenate([cell, cell, cell, hidden], axis=-1)
        return z @ transposed, cell * _at(saved.forget, t), _put(gates, z, t)

    zero = jnp.zeros((batch, features), outputs.dtype)
    carry = (cotangent if last_only else zero, zero, saved.gates)
    _, _, z = lax.fori_loop(0, time, step, carry, unroll=_UNROLL)

    rows = z.reshape(time * batch, 4 * features)
    before = jnp.concatenate([zero[None], outputs[:-1]]).reshape(time * batch, features)
    return (
        inputs.reshape(time * batch, -1).T @ rows,
        before.T @ rows,
        rows.sum(axis=0),
        (rows @ kernel.T).reshape(inputs.shape),
    )


_lstm: Any = jax.custom_vjp(_plain, nondiff_argnums=(4,))
_lstm.defvjp(_forward_saving, _backward)


def _at(array: Array, t: Array) -> Array:
    """`array[t]` without the test for a negative index, which costs a kernel per step."""
    start, size = (t,) + (0,) * (array.ndim - 1), (1, *array.shape[1:])
    return lax.dynamic_slice(array, start, size, allow_negative_indices=False)[0]


def _put(array: Array, value: Array, t: Array) -> Array:
    """`array.at[t].set(value)`, likewise."""
    start = (t,) + (0,) * (array.ndim - 1)
    return lax.dynamic_update_slice(array, value[None], start, allow_negative_indices=False)


def _unit_forget_bias(key: Array, shape: tuple[int, ...], dtype: Any = jnp.float32) -> Array:
    """Zeros, but ones for the forget gate. Source: Jozefowicz et al. (2015)."""
    features = shape[0] // 4
    return jnp.zeros(shape, dtype).at[features : 2 * features].set(1)


class LSTMLayer(nn.Module):
    """`lstm` with Keras' initialisers: `[batch, time, inputs]` to `[batch, time, features]`.

    With `return_sequences=False` the last hidden state alone, `[batch, features]`.
    """

    features: int
    return_sequences: bool = True

    @nn.compact
    def __call__(
        self, inputs: Float[Array, "batch time inputs"]
    ) -> Float[Array, "batch *time features"]:
        shape = (inputs.shape[-1], 4 * self.features)
        square = (self.features, 4 * self.features)
        kernel = self.param("kernel", glorot_uniform, shape)
        recurrent = self.param("recurrent_kernel", nn.initializers.orthogonal(), square)
        bias = self.param("bias", _unit_forget_bias, shape[1:])
        steps = inputs.swapaxes(0, 1)
        outputs = lstm_time_major(kernel, recurrent, bias, steps, not self.return_sequences)
        return outputs.swapaxes(0, 1) if self.return_sequences else outputs
