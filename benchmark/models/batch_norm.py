"""Batch normalisation with a momentum that may be swept, and an own backward pass."""

from functools import partial
from typing import Any

import flax.linen as nn
import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

from benchmark.declare.network import Mode

_EPSILON = 1e-3


class BatchNorm(nn.Module):
    """y = γ (x − mean)/√(variance + 10⁻³) + β, per feature (the last axis), as in Keras.

    In training mean and variance are those of the batch (of the samples with weight, at all
    pixels), and what evaluation uses moves towards them with every step:

        moving ← momentum · moving + (1 − momentum) · batch,    mean 0 and variance 1 at first

    Source: Ioffe & Szegedy (2015), algorithm 1.

    Attributes:
        momentum: in [0, 1); may be traced.
        unbiased: the batch's variance moves the moving one after Bessel's correction
            n/(n − 1), with n values per feature; none for n = 1, as in TensorFlow.
        debiased: the moving statistics are divided by the weight that batches have in them,
            so that nothing is left of mean 0 and variance 1 after the first step.
    """

    momentum: Any
    unbiased: bool = False
    debiased: bool = False

    @nn.compact
    def __call__(
        self, x: Float[Array, "batch *pixels features"], mode: Mode
    ) -> Float[Array, "batch *pixels features"]:
        shape = (x.shape[-1],)
        scale = self.param("scale", nn.initializers.ones_init(), shape)
        shift = self.param("bias", nn.initializers.zeros_init(), shape)
        mean = self.variable("batch_stats", "mean", jnp.zeros, shape, x.dtype)
        variance = self.variable("batch_stats", "var", jnp.ones, shape, x.dtype)
        # Of every mode, as what is carried from step to step has one structure.
        mass = (
            self.variable("batch_stats", "mass", jnp.zeros, (), x.dtype)
            if self.debiased
            else None
        )
        if not (mode.train or mode.batch_statistics):
            slope = scale * jax.lax.rsqrt(variance.value + _EPSILON)
            return _affine(x, slope, shift - mean.value * slope)
        weight = None if mode.weight is None else _shares(x, mode.weight)
        y, (batch_mean, batch_variance) = _normalise(x, scale, shift, weight)
        if (mode.train or mode.reports) and not self.is_initializing():
            of_batch = {"mean": batch_mean, "var": batch_variance, "count": _count(x, mode)}
            if mode.reports:
                mean.value, variance.value = batch_mean, batch_variance
                self.variable("batch_stats", "count", jnp.zeros, (), x.dtype).value = of_batch[
                    "count"
                ]
            else:
                before = {"mean": mean.value, "var": variance.value}
                before |= {} if mass is None else {"mass": mass.value}
                after = followed(before, of_batch, self.momentum, self.unbiased)
                mean.value, variance.value = after["mean"], after["var"]
                if mass is not None:
                    mass.value = after["mass"]
        return y


def followed(recorded: Any, of_batch: Any, momentum: Any, unbiased: bool) -> Any:
    """The recorded statistics of a normalisation, or of all in a tree, after one more batch.

    Args:
        recorded: mean, var, and, if they are debiased, mass.
        of_batch: mean, var, and count, the number of values that they are of.
        momentum: weight of what was recorded.
        unbiased: see `BatchNorm`.
    """
    if "count" not in of_batch:
        return {
            name: followed(recorded[name], of_batch[name], momentum, unbiased)
            for name in recorded
        }
    variance, keep = of_batch["var"], jnp.asarray(momentum, of_batch["var"].dtype)
    if unbiased:
        variance = variance * (of_batch["count"] / jnp.maximum(of_batch["count"] - 1, 1))
    add, after = 1 - keep, {}
    if "mass" in recorded:
        old = keep * recorded["mass"]
        after["mass"] = old + add
        keep, add = old / after["mass"], add / after["mass"]
    after["mean"] = keep * recorded["mean"] + add * of_batch["mean"]
    after["var"] = keep * recorded["var"] + add * variance
    return after


def pooled(of_batches: Any) -> Any:
    """The statistics of all values together, in the place of recorded ones.

    Args:
        of_batches: mean, var and count of each batch, [batch, …], or a tree of such.
    """
    if "count" not in of_batches:
        return {name: pooled(inner) for name, inner in of_batches.items()}
    shares = of_batches["count"] / jnp.sum(of_batches["count"])
    mean = shares @ of_batches["mean"]
    between = (of_batches["mean"] - mean[None]) ** 2
    return {"mean": mean, "var": shares @ (of_batches["var"] + between)}


def factory(
    momentum: Any, running_variance: str, running_start: str
) -> "partial[BatchNorm] | None":
    """What makes the normalisations of a model; None where there is no momentum."""
    if momentum is None:
        return None
    return partial(
        BatchNorm,
        momentum,
        unbiased=running_variance == "unbiased",
        debiased=running_start == "debiased",
    )


def _count(x: Array, mode: Mode) -> Float[Array, ""]:
    """Number of values per feature: samples without padding, times pixels."""
    pixels = x.size // (x.shape[0] * x.shape[-1])
    samples = jnp.asarray(x.shape[0], x.dtype) if mode.weight is None else jnp.sum(mode.weight)
    return samples * pixels


def _shares(x: Array, weight: Float[Array, " batch"]) -> Array:
    """Each sample's weight in a mean over samples and pixels, of shape [batch, 1, …, 1]."""
    pixels = x.size // (x.shape[0] * x.shape[-1])
    shares = weight / (jnp.sum(weight) * pixels)
    return shares.reshape(-1, *(1,) * (x.ndim - 1))


def _affine(x: Array, slope: Array, shift: Array) -> Array:
    features = (1,) * (x.ndim - 1) + (-1,)
    return x * slope.reshape(features) + shift.reshape(features)


def _total(x: Array) -> Array:
    return jnp.sum(x, axis=tuple(range(x.ndim - 1)))


def _mean(x: Array, shares: Array | None) -> Array:
    if shares is None:
        return jnp.mean(x, axis=tuple(range(x.ndim - 1)))
    return _total(x * shares)


def _forward(x: Array, scale: Array, shift: Array, shares: Array | None) -> tuple[Any, Any]:
    mean = _mean(x, shares)
    # Twice over the data: the difference of two large means would lose the digits.
    centred = x - mean.reshape((1,) * (x.ndim - 1) + (-1,))
    variance = _mean(centred * centred, shares)
    inverse = jax.lax.rsqrt(variance + _EPSILON)
    y = _affine(x, scale * inverse, shift - mean * scale * inverse)
    return (y, (mean, variance)), (x, mean, inverse, scale, shares)


def _backward(saved: Any, cotangents: Any) -> tuple[Array, Array, Array, Array | None]:
    """With x̂ = (x − mean)/σ and shares p of the mean: ∂γ = Σ ∂y x̂, ∂β = Σ ∂y and

        ∂x = γ/σ (∂y − p ∂β − p x̂ ∂γ)

    Gradients of mean and variance are not asked for: they are only recorded.
    """
    x, mean, inverse, scale, shares = saved
    dy, _ = cotangents
    features = (1,) * (x.ndim - 1) + (-1,)
    d_shift = _total(dy)
    d_scale = inverse * _total(dy * (x - mean.reshape(features)))
    slope = scale * inverse
    # slope · x̂ ∂γ is affine in x, so that one pass over dy and x does everything.
    tilt = slope * inverse * d_scale
    pull = _affine(x, tilt, slope * d_shift - mean * tilt)
    share = jnp.asarray(x.shape[-1] / x.size, x.dtype) if shares is None else shares
    dx = dy * slope.reshape(features) - pull * share
    return dx, d_scale, d_shift, None if shares is None else jnp.zeros_like(shares)


_normalise: Any = jax.custom_vjp(lambda *arguments: _forward(*arguments)[0])
_normalise.defvjp(_forward, _backward)
