"""Sketches of recorded series: few numbers, but drawn they look the same."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
from jaxtyping import Float32, Int32

BITS = 10
"""Binary digits kept of a mantissa: relative error at most 2⁻¹¹, about 0.05 %."""
RUNS = 64
FIRST = 4
"""The first runs are drawn one by one, and kept at every epoch."""
POINTS = 256
STEPS = 256


class Sketch(NamedTuple):
    """What is kept of one series of one condition.

    Attributes:
        recorded: the epochs with a value, [recorded]; of a step series those kept.
        kept: of the first `RUNS` runs, [run, point] at some of the recorded epochs, see
            `_points`; of a step series all steps of the recorded epochs, one after another.
        first: of the first `FIRST` runs, [run, recorded]; empty where `kept` is all.
    """

    recorded: Int32[np.ndarray, "recorded"]
    kept: Float32[np.ndarray, "run point"]
    first: Float32[np.ndarray, "first later"]


def sketch(series: np.ndarray) -> Sketch:
    """What to keep of a series, [run, epoch] or [run, epoch, step].

    Of steps the last `STEPS` are kept, in whole epochs; of counts and yes-or-no's, which
    take hardly any room, all.
    """
    values = np.asarray(series[:RUNS], dtype=np.float32)
    silent = np.isnan(values).all(axis=tuple(i for i in range(values.ndim) if i != 1))
    recorded = np.flatnonzero(~silent).astype(np.int32)
    none = np.zeros((0, 0), np.float32)
    if values.ndim == 3:
        if not _counts(values):
            recorded = recorded[-max(1, -(-STEPS // values.shape[2])) :]
        kept = values[:, recorded].reshape(len(values), -1)
        return Sketch(recorded, rounded(kept), none)
    points = _points(len(recorded))
    first = values[:FIRST, recorded] if len(points) < len(recorded) else none
    return Sketch(recorded, rounded(values[:, recorded[points]]), rounded(first))


def restored(sketched: Sketch, shape: tuple[int, ...]) -> np.ndarray:
    """A series of the recorded shape, [run, epoch] or [run, epoch, step].

    Every epoch has the value of the last one kept before it, so that bands over runs are
    as wide as they were; steps that are not kept are NaN.

    Args:
        sketched: what was kept.
        shape: [epoch] or [epoch, step] of the series when it was recorded.
    """
    runs, full = len(sketched.kept), np.full((len(sketched.kept), *shape), np.nan, np.float32)
    if len(shape) == 2:
        full[:, sketched.recorded] = sketched.kept.reshape(
            runs, len(sketched.recorded), shape[1]
        )
        return full
    points, every = _points(len(sketched.recorded)), np.arange(len(sketched.recorded))
    full[:, sketched.recorded] = sketched.kept[
        :, np.searchsorted(points, every, side="right") - 1
    ]
    if len(points) < len(sketched.recorded):
        full[: len(sketched.first), sketched.recorded] = sketched.first
    return full


def pack(name: str, sketches: Sequence[Sketch | None]) -> dict[str, np.ndarray]:
    """The sketches of one series in all conditions (None where it is not recorded), joined.

    Returns:
        ``recorded.NAME``, ``kept.NAME`` and ``first.NAME``, each [condition, …], filled up
        with −1 or NaN; those without any number are left out.
    """
    packed = {}
    for part in Sketch._fields:
        arrays = [getattr(each, part) for each in sketches if each is not None]
        shape = np.max([array.shape for array in arrays], axis=0)
        fill = -1 if part == "recorded" else np.nan
        joined = np.full((len(sketches), *shape), fill, arrays[0].dtype)
        for row, each in enumerate(sketches):
            if each is not None:
                array = getattr(each, part)
                joined[(row, *map(slice, array.shape))] = array
        if joined.size:
            packed[f"{part}.{name}"] = joined
    return packed


def unpack(
    name: str, packed: Mapping[str, np.ndarray], row: int, shape: tuple[int, ...]
) -> Sketch:
    """The sketch of one condition out of what `pack` gave.

    Args:
        name: of the series.
        packed: what `pack` returned, of any number of series.
        row: which condition.
        shape: [epoch] or [epoch, step] of the recorded series.
    """
    empty = np.zeros((1 + row, 0, 0), np.float32)
    recorded = packed.get(f"recorded.{name}", np.zeros((1 + row, 0), np.int32))[row]
    recorded = recorded[recorded >= 0]
    points = len(_points(len(recorded)))
    length = len(recorded) * shape[1] if len(shape) == 2 else points
    kept = packed.get(f"kept.{name}", empty)[row][:, :length]
    thinned = len(shape) == 1 and points < len(recorded)
    first = packed.get(f"first.{name}", empty)[row][:, : len(recorded) if thinned else 0]
    return Sketch(recorded, kept, first)


def rounded(values: Float32[np.ndarray, "*any"]) -> Float32[np.ndarray, "*any"]:
    """To `BITS` binary digits behind the leading one, half to even; then it compresses."""
    drop = 23 - BITS
    bits = np.ascontiguousarray(values).view(np.uint32)
    lifted = bits + np.uint32((1 << (drop - 1)) - 1) + ((bits >> drop) & np.uint32(1))
    cut = (lifted >> drop << drop).view(np.float32)
    return np.where(np.isfinite(values), cut, values)


def _points(recorded: int) -> np.ndarray:
    """Which of so many recorded epochs are kept: the first, and every k-th up to the last."""
    every = max(1, -(-recorded // POINTS))
    first, backwards = np.arange(min(1, recorded)), np.arange(recorded - 1, -1, -every)
    return np.union1d(first, backwards)


def _counts(values: np.ndarray) -> bool:
    """Whether all values are small whole numbers (or missing)."""
    known = values[~np.isnan(values)]
    return bool((known == np.round(known)).all() and (np.abs(known) < 128).all())
