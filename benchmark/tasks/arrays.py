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
from benchmark.declare.fields import shape, value
from benchmark.declare.parts import Loss, Task

if TYPE_CHECKING:
    from benchmark.tasks.data import Keys, Pool, Sample


@dataclass(frozen=True)
class Arrays(Task):
    """Samples from a file: classes if ``y`` holds whole numbers, else regression.

    Attributes:
        path: the ``.npz`` file; ``x`` is [sample, …] numbers, ``y`` is [sample] class
            numbers 0 … K − 1, or [sample] or [sample, output] real targets.
        n_train: training samples of a run, drawn anew for every seed.
        n_validation: validation samples, disjoint from them.
        mislabelled: share of training labels replaced by another class (classes only).
        content: digest of the file, filled in by itself so that changed data are new
            conditions.
    """

    path: str
    n_train: int = shape(at_least=2)
    n_validation: int = shape(at_least=1)
    mislabelled: float | None = value(None, at_least=0, at_most=1)
    content: str = ""

    def __post_init__(self) -> None:
        super().__post_init__()
        pool = read_arrays(self.path)
        found = hashlib.sha256(pool.x.tobytes() + pool.y.tobytes()).hexdigest()[:12]
        object.__setattr__(self, "content", found)
        total = self.n_train + self.n_validation
        require(
            total <= len(pool.x),
            f"Arrays.n_train + Arrays.n_validation is {total}, but {self.path} has only "
            f"{len(pool.x)} samples.",
        )
        require(
            self.loss == "cross_entropy" or self.mislabelled is None,
            f"Arrays.mislabelled needs classes, but y in {self.path} holds real numbers.",
        )

    @property
    def loss(self) -> Loss:
        classes = np.issubdtype(read_arrays(self.path).y.dtype, np.integer)
        return "cross_entropy" if classes else "squared_error"

    @property
    def samples(self) -> int:
        return self.n_train

    @property
    def outputs(self) -> int:
        y = read_arrays(self.path).y
        return int(y.max()) + 1 if self.loss == "cross_entropy" else y.shape[1]

    def pool(self) -> "Pool":
        return read_arrays(self.path)

    def sample(self, pool: "Pool", keys: "Keys") -> "Sample":
        from benchmark.tasks.corruption import mislabel, split

        drawn = split(keys("data"), pool.x, pool.y, self.n_train, self.n_validation)
        if self.loss == "squared_error":
            return drawn
        return drawn._replace(train=mislabel(drawn.train, keys, self.mislabelled, self.outputs))


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
