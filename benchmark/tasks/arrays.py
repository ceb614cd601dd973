"""The user's own data: an ``.npz`` file with arrays ``x`` and ``y``."""

import math
import os
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

import numpy as np

from benchmark.declare.data import Pool
from benchmark.declare.errors import UserError, require
from benchmark.declare.fields import static
from benchmark.declare.parts import Loss
from benchmark.tasks.own_data import OwnData, OwnDataTask, digested, require_room


@dataclass(frozen=True)
class Arrays(OwnDataTask):
    """Samples from a file: classes if ``y`` is of an integer type, else regression.

    Attributes:
        path: the ``.npz`` file; ``x`` is [sample, …] numbers, ``y`` is [sample] class
            numbers 0 … K − 1, or [sample] or [sample, output] real targets.
        n_train: training samples of a run, drawn anew for every seed.
        n_validation: validation samples, disjoint from them.
        content: digest of the file, filled in by itself so that changed data are new
            conditions.
    """

    path: str
    n_train: int = static(at_least=2)
    n_validation: int = static(at_least=1)
    content: str = ""

    def _check(self) -> None:
        for name in ("mislabelled", "validation_mislabelled", "minority"):
            require(
                self.loss == "cross_entropy" or getattr(self, name) is None,
                f"Arrays.{name} needs classes, but y in {self.path} holds real numbers.",
            )

    @property
    def loss(self) -> Loss:
        classes = np.issubdtype(self.pool().y.dtype, np.integer)
        return "cross_entropy" if classes else "squared_error"

    @property
    def outputs(self) -> int:
        if self.loss == "squared_error":
            return self.pool().y.shape[1]
        return super().outputs

    @property
    def class_sizes(self) -> tuple[int, ...]:
        y = np.asarray(self.pool().y)
        return (len(y),) if self.loss == "squared_error" else tuple(np.bincount(y).tolist())

    def _read(self) -> OwnData:
        return read_arrays(self.path)

    def _forget(self) -> None:
        _read.cache_clear()


def read_arrays(path: str) -> OwnData:
    """The checked arrays of a file, as float32 inputs and int32 or float32 targets.

    A file is read again when it has changed.

    Raises:
        UserError: the file is missing or unreadable, lacks an array, holds NaN, infinite or
            too many numbers or no class numbers, or the lengths differ.
    """
    # Only a file proper: whoever opens a named pipe may wait for ever.
    require(Path(path).is_file(), f"The data file {path!r} does not exist.")
    found = os.stat(path)
    return _read(path, (found.st_ino, found.st_size, found.st_mtime_ns))


@lru_cache(maxsize=4)
def _read(path: str, stamp: tuple[int, ...]) -> OwnData:
    x, y = _unpacked(path)
    for name, held in (("x", x), ("y", y)):
        with np.errstate(over="ignore"):
            finite = bool(np.isfinite(held.astype(np.float32)).all())
        require(finite, f"{name} in {path} has NaN, infinite or too large values.")
    if y.dtype.kind == "f":
        return digested(Pool(x.astype(np.float32), y.reshape(len(y), -1).astype(np.float32)))
    _check_labels(y, path)
    return digested(Pool(x.astype(np.float32), y.astype(np.int32)))


def _check_labels(y: np.ndarray, path: str) -> None:
    """Refuse what are no class numbers, before they are cast.

    Raises:
        UserError: a label is negative, or so large that most classes would have no samples.
    """
    require(y.ndim == 1, f"Classes in {path} must be [sample], but y has the shape {y.shape}.")
    for label in (y.min().item(), y.max().item()):
        require(
            0 <= label < len(y),
            f"Classes in {path} must be 0, 1, 2 …, fewer than its {len(y)} samples, but "
            f"sample {int(np.argmax(y == label))} has the label {label}.",
        )


def _unpacked(path: str) -> tuple[np.ndarray, np.ndarray]:
    """The arrays x and y, once their headers promise what a task can use."""
    require(zipfile.is_zipfile(path), f"The data file {path!r} is no .npz file.")
    try:
        with zipfile.ZipFile(path) as file:
            names = [name.removesuffix(".npy") for name in file.namelist()]
            for name in ("x", "y"):
                count = names.count(name)
                has = f"{count} arrays {name!r}" if count else f"no array {name!r}"
                require(count == 1, f"{path} has {has}; it has {_brief(sorted(names))}.")
            headers = {name: _header(file, name, path) for name in ("x", "y")}
            _check_shapes(headers["x"].shape, headers["y"].shape, path)
            return _array(file, "x"), _array(file, "y")
    except UserError:
        raise
    # Of a damaged or odd archive, zipfile and NumPy raise errors of every class.
    except Exception as error:
        said = " ".join(str(error).split())[:200] or type(error).__name__
        raise UserError(f"The data file {path!r} cannot be read as .npz: {said}") from error


class _Header(NamedTuple):
    shape: tuple[int, ...]
    dtype: np.dtype


def _header(file: zipfile.ZipFile, name: str, path: str) -> _Header:
    """Shape and type of an array, which are those of the numbers that follow.

    Raises:
        UserError: there are more or fewer numbers, or they are none.
    """
    entry = _entry(file, name)
    with file.open(entry) as member:
        read = {1: np.lib.format.read_array_header_1_0, 2: np.lib.format.read_array_header_2_0}
        version = np.lib.format.read_magic(member)
        held, _, dtype = read[version[0]](member)
        begun = member.tell()
    require(dtype.kind in "biuf", f"{name} in {path} holds {dtype}, not numbers.")
    require(
        all(type(side) is int and side >= 0 for side in held)
        and math.prod(held) * dtype.itemsize == entry.file_size - begun,
        f"{name} in {path} says that its shape is {_brief(held)}, but holds "
        f"{(entry.file_size - begun) // dtype.itemsize} numbers.",
    )
    require_room(f"{name} in {path}", math.prod(held))
    return _Header(held, dtype)


def _check_shapes(x: tuple[int, ...], y: tuple[int, ...], path: str) -> None:
    require(
        len(x) >= 2 and len(y) in (1, 2),
        f"x in {path} must be [sample, …] and y [sample] or [sample, output], but their "
        f"shapes are {_brief(x)} and {_brief(y)}.",
    )
    samples, targets = next(iter(x)), next(iter(y))
    require(samples == targets, f"x in {path} has {samples} samples, but y has {targets}.")
    require(samples > 0, f"x in {path} is empty.")
    for name, held in (("x", x), ("y", y)):
        require(
            0 not in held, f"{name} in {path} has samples without numbers: its shape is {held}."
        )


def _array(file: zipfile.ZipFile, name: str) -> np.ndarray:
    with file.open(_entry(file, name)) as member:
        return np.lib.format.read_array(member, allow_pickle=False)


def _entry(file: zipfile.ZipFile, name: str) -> zipfile.ZipInfo:
    return next(each for each in file.infolist() if each.filename.removesuffix(".npy") == name)


def _brief(held: Sequence[object]) -> str:
    return str(held) if len(str(held)) <= 60 else f"{str(held)[:60]}…"
