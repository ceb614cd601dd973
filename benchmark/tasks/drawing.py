"""Greyscale pictures of simple objects, drawn on the host from signed distances."""

from collections.abc import Callable, Iterator
from functools import lru_cache

import numpy as np
from jaxtyping import Float, Int

from benchmark.declare.data import Pool
from benchmark.tasks.scaling import spread

Plane = Float[np.ndarray, "image row column"]
Numbers = Float[np.ndarray, " image"]

PIXELS_AT_ONCE = 1 << 18
"""A chunk of images that stays in the cache; and 256 × 256 pixels do not fill the memory."""


def chunks(count: int, size: int) -> Iterator[slice]:
    """Slices of at most `PIXELS_AT_ONCE` pixels that cover `count` images."""
    step = max(1, PIXELS_AT_ONCE // size**2)
    for first in range(0, count, step):
        yield slice(first, min(first + step, count))


def grid(size: int) -> Float[np.ndarray, " size"]:
    """Centres of the pixels on an axis from −1 to 1."""
    return ((np.arange(size) + 0.5) / size * 2 - 1).astype(np.float32)


def standardised(x: np.ndarray) -> np.ndarray:
    """`x` with mean 0 and SD 1 over all its numbers, changed in place."""
    x -= np.float32(x.mean(dtype=np.float64))
    x /= np.float32(spread(x))
    return x


def disc(u: Plane, v: Plane) -> Plane:
    """Signed distance to a disc of radius 1; negative inside, as in all of these."""
    return np.hypot(u, v) - 1


def square(u: Plane, v: Plane) -> Plane:
    """Signed distance (outside corners: its lower bound) to a square of about that area."""
    return np.maximum(np.abs(u), np.abs(v)) - 0.87


def triangle(u: Plane, v: Plane) -> Plane:
    """Signed distance to an equilateral triangle, slightly smaller so that it fits."""
    slanted = 0.866 * np.abs(u) - 0.5 * v
    return np.maximum(slanted, v) - 0.68


def cross(u: Plane, v: Plane) -> Plane:
    """Signed distance to a cross of two bars."""
    a, b = np.abs(u), np.abs(v)
    return np.maximum(np.maximum(a, b) - 1.1, np.minimum(a, b) - 0.36)


def ring(u: Plane, v: Plane) -> Plane:
    """Signed distance to a ring with a hole of little more than half its radius."""
    return np.abs(np.hypot(u, v) - 0.82) - 0.27


OBJECTS: tuple[Callable[[Plane, Plane], Plane], ...] = (disc, square, triangle, cross, ring)


def covered(
    axis: Float[np.ndarray, " size"],
    which: Int[np.ndarray, " image"],
    center: Float[np.ndarray, "image 2"],
    radius: Numbers,
    angle: Numbers,
) -> Plane:
    """Share of each pixel that the object of class `which` covers, with soft edges.

    Args:
        axis: centres of the pixels along each side.
        which: place in `OBJECTS` of each image's object.
        center: of the object, in units of half the image, row before column.
        radius: of the object, in the same units.
        angle: by which it is turned, in radians.
    """
    cos, sin = np.cos(angle)[:, None, None], np.sin(angle)[:, None, None]
    row = axis[None, :, None] - center[:, 0, None, None]
    column = axis[None, None, :] - center[:, 1, None, None]
    u = (cos * column + sin * row) / radius[:, None, None]
    v = (cos * row - sin * column) / radius[:, None, None]
    distance = np.empty_like(u)
    for number in np.unique(which):
        mine = which == number
        distance[mine] = OBJECTS[number](u[mine], v[mine])
    pixels = radius[:, None, None] * np.float32(len(axis) / 2)
    return np.clip(0.5 - distance * pixels, 0, 1)


@lru_cache(maxsize=2)
def object_images(count: int, size: int, classes: int, noise: float) -> Pool:
    """Images of one object each, the classes taking turns."""
    # One row an image, so that more images are the same images and some more.
    chance = np.random.default_rng(16).random((count, 8), np.float32)
    radius = 0.45 + 0.2 * chance[:, 0]
    center = (chance[:, 1:3] - 0.5) * 0.6
    angle = chance[:, 3] - 0.5
    contrast = 0.7 + 0.6 * chance[:, 4]
    level, slope = chance[:, 5] - 0.5, chance[:, 6:8] - 0.5
    y = np.arange(count, dtype=np.int32) % classes
    axis, draw = grid(size), np.random.default_rng(61)

    x = np.empty((count, size, size, 1), np.float32)
    for part in chunks(count, size):
        shown = covered(axis, y[part], center[part], radius[part], angle[part])
        shown *= contrast[part, None, None]
        shown += (slope[part, :1] * axis)[:, :, None] + (slope[part, 1:] * axis)[:, None, :]
        shown += level[part, None, None]
        shown += np.float32(noise) * draw.standard_normal(shown.shape, np.float32)
        x[part, ..., 0] = shown
    return Pool(standardised(x), y)
