"""The user's own data: an ``.npz`` file with arrays ``x`` and ``y``."""

import hashlib
import zipfile
import zlib
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from benchmark.declare.errors import UserError, require
from benchmark.declare.fields import shape
from benchmark.declare.parts import Loss
from benchmark.tasks.classes import ClassTask

if TYPE_CHECKING:
    from benchmark.tasks.data import Pool


@dataclass(frozen=True)
class Arrays(ClassTask):
    """Samples from a file: classes if ``y`` holds whole numbers, else regression.

    Attributes:
        path: the ``.npz`` file; ``x`` is [sample, …] numbers, ``y`` is [sample] class
            numbers 0 … K − 1, or [sample] or [sample, output] real targets.
        n_train: training samples of a run, drawn anew for every seed.
        n_validation: validation samples, disjoint from them.
        content: digest of the file, filled in by itself so that changed data are new
            conditions.
    """

    path: str
    n_train: int = shape(at_least=2)
    n_validation: int = shape(at_least=1)
    content: str = ""

    def __post_init__(self) -> None:
        pool = read_arrays(self.path)
        found = hashlib.sha256(pool.x.tobytes() + pool.y.tobytes()).hexdigest()[:12]
        object.__setattr__(self, "content", found)
        for name in ("mislabelled", "validation_mislabelled", "minority"):
            require(
                self.loss == "cross_entropy" or getattr(self, name) is None,
                f"Arrays.{name} needs classes, but y in {self.path} holds real numbers.",
            )
        super().__post_init__()

    @property
    def loss(self) -> Loss:
        classes = np.issubdtype(read_arrays(self.path).y.dtype, np.integer)
        return "cross_entropy" if classes else "squared_error"

    @property
    def outputs(self) -> int:
        if self.loss == "squared_error":
            return read_arrays(self.path).y.shape[1]
        return super().outputs

    @property
    def class_sizes(self) -> tuple[int, ...]:
        y = read_arrays(self.path).y
        return (len(y),) if self.loss == "squared_error" else tuple(np.bincount(y).tolist())

    @property
    def where(self) -> str:
        return self.path

    def pool(self) -> "Pool":
        return read_arrays(self.path)


@lru_cache(maxsize=4)
def read_arrays(path: str) -> "Pool":
    """The checked arrays of a file, as float32 inputs and int32 or float32 targets.

    Raises:
        UserError: the file is missing or unreadable, lacks an array, holds NaN or infinite
            numbers, or the lengths differ.
    """
    from benchmark.tasks.data import Pool

    require(Path(path).is_file(), f"The data file {path!r} does not exist.")
    require(zipfile.is_zipfile(path), f"The data file {path!r} is no .npz file.")
    try:
        with np.load(path, allow_pickle=False) as file:
            held = {name: file[name] for name in file.files}
    except (OSError, ValueError, zipfile.BadZipFile, zlib.error, EOFError) as error:
        raise UserError(f"The data file {path!r} cannot be read as .npz: {error}") from error
    for name in ("x", "y"):
        require(name in held, f"{path} has no array {name!r}; it has {sorted(held)}.")
        kind = held[name].dtype.kind
        require(kind in "biuf", f"{name} in {path} holds {held[name].dtype}, not numbers.")
        with np.errstate(over="ignore"):
            finite = bool(np.isfinite(held[name].astype(np.float32)).all())
        require(finite, f"{name} in {path} has NaN, infinite or too large values.")
    x, y = held["x"].astype(np.float32), held["y"]
    require(
        x.ndim >= 2 and y.ndim in (1, 2),
        f"x in {path} must be [sample, …] and y [sample] or [sample, output], but their "
        f"shapes are {x.shape} and {y.shape}.",
    )
    require(len(x) == len(y), f"x in {path} has {len(x)} samples, but y has {len(y)}.")
    require(len(x) > 0, f"x in {path} is empty.")
    if y.dtype.kind in "biu":
        require(y.ndim == 1 and int(y.min()) >= 0, f"Classes in {path} must be 0, 1, 2 …")
        return Pool(x, y.astype(np.int32))
    return Pool(x, y.reshape(len(y), -1).astype(np.float32))
