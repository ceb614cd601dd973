"""Files that are either whole or not there: write aside, flush, rename; verify on reading."""

import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

import h5py
import numpy as np

from benchmark.declare.errors import UserError
from benchmark.store.atomic import clear_leftovers, replacing
from benchmark.store.blocks import series_digest
from benchmark.store.seal import seal, sealed_content

if TYPE_CHECKING:
    import xarray as xr

_ONLY_A_DIMENSION = b"This is a netCDF dimension but not a netCDF variable"
_LIMIT = 2**28
_ROOM = 2**24
"""Bytes of a file besides its numbers: names, attributes, tables of HDF5."""

Outline: TypeAlias = Mapping[str, tuple[np.dtype[Any], tuple[int, ...]]]
"""Name of an array → its type and shape."""


def write(path: Path, dataset: "xr.Dataset", small: bool = False) -> None:
    """Store a dataset so that `path` never holds less than all of it.

    Args:
        path: the file.
        dataset: what it will hold; the same numbers give the same bytes.
        small: compress as well as possible instead of quickly, for files that travel.

    Raises:
        UserError: the folder cannot be written, or the disk is full; what was stored
            before is untouched.
    """
    compressed = {
        name: {"zlib": True, "complevel": 9 if small else 1, "shuffle": True}
        | ({"chunksizes": values.shape} if small else {})
        for name, values in dataset.data_vars.items()
    }
    whole = bytes(dataset.to_netcdf(engine="h5netcdf", encoding=compressed))
    try:
        with replacing(path, lasting=True) as aside:
            aside.write_bytes(whole + seal(whole))
    except OSError as error:
        raise UserError(
            f"{path} could not be written: {error.strerror or error}. Blocks stored before "
            "are kept; make room or give another folder with --results, and run again."
        ) from error


@dataclass(frozen=True)
class Stored:
    """What a block's file holds.

    Attributes:
        seeds: [run].
        series: name → [run, epoch] or [run, epoch, step].
        attributes: how it was made.
    """

    seeds: np.ndarray
    series: dict[str, np.ndarray]
    attributes: dict[str, Any]


def read(
    path: Path, limit: int = _LIMIT, fits: Callable[[Outline], bool] = lambda _: True
) -> Stored | None:
    """What the file at `path` holds if it is as it was written, else None.

    netCDF-4 is HDF5, and read as such: twenty times faster than through xarray, and
    `summary` reads hundreds of files.

    Args:
        path: anything, a folder or a named pipe too.
        limit: bytes of numbers at most; a file that claims more is not taken into memory.
        fits: whether the file may hold what its outline says; asked before numbers are read.
    """
    try:
        whole = sealed_content(path, limit + _ROOM)
        if whole is None:
            return None
        with h5py.File(h5py.h5f.open_file_image(whole), "r") as file:
            items = dict(_arrays(file))
            size = sum(item.size * item.dtype.itemsize for item in items.values())
            if size > limit or not fits({n: (i.dtype, i.shape) for n, i in items.items()}):
                return None
            series = {name: item[...] for name, item in items.items()}
            attributes = dict(file.attrs)
        seeds, epochs = series.pop("run"), series.pop("epoch", np.arange(0))
        same = attributes["digest"] == series_digest(series)
        counted = np.array_equal(epochs, np.arange(len(epochs)))
        return Stored(seeds, series, attributes) if same and counted else None
    except Exception:
        # To what is sealed, but no file of ours, h5py answers with errors of every class.
        return None


def code_of(path: Path) -> str | None:
    """Digest of the code that made a block, of which nothing else is read; None if damaged."""
    try:
        with h5py.File(path, "r") as file:
            return str(file.attrs["code"])
    except (OSError, KeyError, RuntimeError, ValueError):
        return None


def _arrays(file: h5py.File) -> Iterator[tuple[str, h5py.Dataset]]:
    """The arrays of numbers in a file, by name.

    Raises:
        ValueError: there is something else: links, groups, texts, numbers kept elsewhere.
    """
    for name in map(str, file):
        if not isinstance(file.get(name, getlink=True), h5py.HardLink):
            raise ValueError(f"{name} is a link")
        item = file[name]
        if not isinstance(item, h5py.Dataset) or not _is_inside(item):
            raise ValueError(f"{name} is no array")
        # A dimension without a variable has a place of this type for its name.
        dtype: np.dtype[Any] = item.dtype
        if dtype == np.dtype(">f4") and item.attrs.get("NAME", b"").startswith(
            _ONLY_A_DIMENSION
        ):
            continue
        if item.shape is None or dtype.kind not in "iuf" or not dtype.isnative:
            raise ValueError(f"{name} holds no numbers")
        yield name, item


def _is_inside(item: h5py.Dataset) -> bool:
    """Whether an array's numbers are in the file itself, not in others that it names."""
    how = item.id.get_create_plist()
    return how.get_layout() != h5py.h5d.VIRTUAL and how.get_external_count() == 0


def set_aside(path: Path, tell: Callable[[str], None]) -> None:
    """Move a damaged file out of the way; it is never deleted silently.

    Raises:
        UserError: the folder cannot be written.
    """
    place = path.with_name(f"{path.name}.damaged")
    number = 1
    while os.path.lexists(place):
        number += 1
        place = path.with_name(f"{path.name}.damaged{number}")
    try:
        path.replace(place)
    except FileNotFoundError:
        # Another run has done it.
        return
    except OSError as error:
        raise UserError(
            f"{path} is damaged, but could not be set aside: {error.strerror or error}."
        ) from error
    tell(f"{path.name} is damaged; it was set aside as {place.name} and is computed again.")


def prepare(folder: Path) -> None:
    """Make sure that `folder` exists and takes files; clear what killed processes left.

    Raises:
        UserError: it cannot be created or written.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        trial = folder / f".trial.{os.getpid()}"
        trial.write_bytes(b"")
        trial.unlink()
    except OSError as error:
        raise UserError(
            f"The results folder {str(folder)!r} cannot be written: {error.strerror or error}. "
            "Give another with --results."
        ) from error
    clear_leftovers(folder, ".nc")
