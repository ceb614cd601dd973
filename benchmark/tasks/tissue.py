"""Simulated tissue with and without lesions, as smooth random fields on the host."""

from functools import lru_cache

import numpy as np
from jaxtyping import Float

from benchmark.declare.data import Pool
from benchmark.tasks.drawing import Plane, chunks, grid, standardised

_SHADING, _TISSUE = 3, 9
"""Bumps along each side that the slow and the fine random field are made of."""

_MOST = 3
"""Lesions in one image."""


@lru_cache(maxsize=2)
def tissue_images(count: int, size: int, noise: float) -> Pool:
    """Images of tissue, every other one with lesions (class 1)."""
    # One generator a purpose and one row an image: more images are these and some more.
    draws = [np.random.default_rng([5000, purpose]) for purpose in range(4)]
    patient = draws[0].random((count, 4 + 5 * _MOST), np.float32)
    slow = draws[1].standard_normal((count, _SHADING, _SHADING), np.float32)
    fine = draws[2].standard_normal((count, _TISSUE, _TISSUE), np.float32)
    axis, y = grid(size), np.arange(count, dtype=np.int32) % 2

    x = np.empty((count, size, size, 1), np.float32)
    for part in chunks(count, size):
        level, strength = patient[part, 0, None, None], patient[part, 1, None, None]
        shown = _field(axis, slow[part]) * 0.5 + 0.8 * (level - 0.5)
        shown += _field(axis, fine[part]) * (0.3 + 0.4 * strength)
        shown += y[part, None, None] * _lesions(axis, patient[part, 2:])
        shown += np.float32(noise) * draws[3].standard_normal(shown.shape, np.float32)
        x[part, ..., 0] = shown
    return Pool(standardised(x), y)


def _field(
    axis: Float[np.ndarray, " size"], weights: Float[np.ndarray, "image bump bump"]
) -> Plane:
    """Smooth random fields of variance 1: Gaussian bumps on a lattice, weighted."""
    lattice = np.linspace(-1.1, 1.1, weights.shape[1], dtype=np.float32)
    apart = lattice[1] - lattice[0]
    bumps = np.exp(-((axis[:, None] - lattice) ** 2) / (2 * (0.6 * apart) ** 2))
    bumps /= np.sqrt(np.sum(bumps**2, 1, keepdims=True))
    return bumps @ weights @ bumps.T


def _lesions(
    axis: Float[np.ndarray, " size"], chance: Float[np.ndarray, "image chance"]
) -> Plane:
    """One to three elliptic spots an image, all bright or all dark."""
    sign = np.where(chance[:, 0] < 0.5, -1, 1).astype(np.float32)
    number = 1 + (chance[:, 1] * _MOST).astype(np.int32)
    spots = np.zeros((len(chance), axis.size, axis.size), np.float32)
    for i in range(_MOST):
        row, column, height, width, contrast = chance[:, 2 + 5 * i : 7 + 5 * i].T
        down = _spot(axis, 1.6 * (row - 0.5), 0.09 + 0.1 * height)
        across = _spot(axis, 1.6 * (column - 0.5), 0.09 + 0.1 * width)
        peak = (i < number) * sign * (1.5 + contrast)
        spots += peak[:, None, None] * down[:, :, None] * across[:, None, :]
    return spots


def _spot(
    axis: Float[np.ndarray, " size"],
    center: Float[np.ndarray, " image"],
    width: Float[np.ndarray, " image"],
) -> Float[np.ndarray, "image size"]:
    return np.exp(-(((axis - center[:, None]) / width[:, None]) ** 2))
