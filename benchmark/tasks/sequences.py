"""Simulated sensor sequences: a robot's motor current on six surfaces, and a two-class toy."""

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from benchmark.declare.data import Pool
from benchmark.declare.fields import static
from benchmark.tasks.classes import ClassTask

if TYPE_CHECKING:
    from jaxtyping import Array, Int, Key

_PER_CLASS = 200
_STEPS = 100

# One row a surface: resonance (cycles per sample), damping, vibration, mean current,
# bumps per sample. Neighbours overlap, so that no single feature tells them apart.
_SURFACES = (
    (0.05, 0.97, 0.50, 0.00, 0.00),
    (0.09, 0.95, 0.55, 0.15, 0.00),
    (0.09, 0.95, 0.55, 0.15, 0.03),
    (0.16, 0.93, 0.70, 0.05, 0.00),
    (0.16, 0.93, 0.70, 0.30, 0.02),
    (0.25, 0.90, 0.90, 0.20, 0.00),
)


@dataclass(frozen=True)
class _Sequences(ClassTask):
    n_train: int = static(98, at_least=2)
    n_validation: int = static(120, at_least=1)

    def drawn(self, key: "Key[Array, '']") -> "Int[Array, ' pool']":
        """The pool with its classes dealt out in turn, each in random order.

        Any number of samples is thereby balanced to within one, as the post's were.
        """
        import jax
        import jax.numpy as jnp

        from benchmark.tasks.random import permutation

        # The pool lists class after class.
        within = jnp.stack(
            [permutation(jax.random.fold_in(key, c), _PER_CLASS) for c in range(self.outputs)],
            1,
        )
        return (within + _PER_CLASS * jnp.arange(self.outputs)[None, :]).reshape(-1)


@dataclass(frozen=True)
class Surfaces(_Sequences):
    """Tell six surfaces from 100 steps of motor current (our simulation, fixed pool).

    A sequence is a damped resonance driven by noise, plus a mean current, bumps, slow
    drift and sensor noise; the pool is standardised. Shape [100, 1] per sample.
    """

    @property
    def class_sizes(self) -> tuple[int, ...]:
        return (_PER_CLASS,) * len(_SURFACES)

    def pool(self) -> Pool:
        return _surfaces()


@dataclass(frozen=True)
class CosineArccosine(_Sequences):
    """Tell a cosine from an arccosine, with random phase and scale; [100, 1] per sample."""

    @property
    def class_sizes(self) -> tuple[int, ...]:
        return (_PER_CLASS,) * 2

    def pool(self) -> Pool:
        return _cosines()


@lru_cache(maxsize=1)
def _surfaces() -> Pool:
    from scipy.signal import lfilter

    draw = np.random.default_rng(47735)
    sequences = []
    for frequency, damping, vibration, mean, bumps in _SURFACES:
        feedback = [1, -2 * damping * np.cos(2 * np.pi * frequency), damping**2]
        shocks = draw.normal(size=(_PER_CLASS, 200 + _STEPS))
        driven = np.asarray(lfilter([1.0], feedback, shocks, axis=1))
        driven = driven[:, -_STEPS:] / driven.std()
        size = draw.lognormal(0, 0.3, (_PER_CLASS, 1))
        hits = draw.random((_PER_CLASS, _STEPS)) < bumps
        drift = np.cumsum(draw.normal(size=(_PER_CLASS, _STEPS)), 1) * 0.03
        offset = mean + 0.1 * draw.normal(size=(_PER_CLASS, 1))
        sensor = 0.1 * draw.normal(size=(_PER_CLASS, _STEPS))
        sequences.append(offset + vibration * size * driven + 3 * hits + drift + sensor)
    x = np.concatenate(sequences)
    x = ((x - x.mean()) / x.std())[:, :, None].astype(np.float32)
    return Pool(x, np.repeat(np.arange(len(_SURFACES), dtype=np.int32), _PER_CLASS))


@lru_cache(maxsize=1)
def _cosines() -> Pool:
    draw = np.random.default_rng(3)
    time = np.linspace(-1, 1, _STEPS)[None, :]
    shift = draw.uniform(-0.2, 0.2, (2, _PER_CLASS, 1))
    scale = draw.uniform(0.6, 0.8, (2, _PER_CLASS, 1))
    argument = scale * (time + shift)
    x = np.concatenate([np.cos(np.pi * argument[0]), np.arccos(argument[1])])
    x = x + 0.05 * draw.normal(size=x.shape)
    x = ((x - x.mean()) / x.std())[:, :, None].astype(np.float32)
    return Pool(x, np.repeat(np.arange(2, dtype=np.int32), _PER_CLASS))
