"""Files that are either whole or not there: write aside, flush, rename; verify on reading."""

import hashlib
import os
import re
import socket
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import h5py
import numpy as np

from benchmark.declare.errors import UserError
from benchmark.store.blocks import series_digest

if TYPE_CHECKING:
    import xarray as xr

_ASIDE = re.compile(r"\.nc\.(?P<host>.+)\.(?P<process>\d+)\.part$")
_SEAL = b"sha256 of the above:"
_SEAL_LENGTH = len(_SEAL) + hashlib.sha256().digest_size


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
    aside = path.with_name(f"{path.name}.{socket.gethostname()}.{os.getpid()}.part")
    compressed = {
        name: {"zlib": True, "complevel": 9 if small else 1, "shuffle": True}
        | ({"chunksizes": held.shape} if small else {})
        for name, held in dataset.data_vars.items()
    }
    whole = bytes(dataset.to_netcdf(engine="h5netcdf", encoding=compressed))
    try:
        with aside.open("wb") as file:
            file.write(whole + _seal(whole))
            file.flush()
            os.fsync(file.fileno())
        aside.replace(path)
        _flush_folder(path.parent)
    except OSError as error:
        aside.unlink(missing_ok=True)
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


def read(path: Path) -> Stored | None:
    """The block at `path` if it is as it was written, else None.

    netCDF-4 is HDF5, and read as such: twenty times faster than through xarray, and
    `summary` reads hundreds of files.
    """
    try:
        if not _intact(path.read_bytes()):
            return None
        with h5py.File(path, "r") as file:
            held = {name: item[...] for name, item in file.items() if _is_data(item)}
            attributes = dict(file.attrs)
    except (OSError, KeyError, RuntimeError, ValueError):
        return None
    seeds = held.pop("run", None)
    for coordinate in ("epoch", "step"):
        held.pop(coordinate, None)
    if seeds is None or attributes.get("digest") != series_digest(held):
        return None
    return Stored(seeds, held, attributes)


def code_of(path: Path) -> str | None:
    """Digest of the code that made a block, of which nothing else is read; None if damaged."""
    try:
        with h5py.File(path, "r") as file:
            return str(file.attrs["code"])
    except (OSError, KeyError, RuntimeError, ValueError):
        return None


def _seal(whole: bytes) -> bytes:
    """Stands behind the HDF5 file, where readers do not look."""
    return _SEAL + hashlib.sha256(whole).digest()


def _intact(held: bytes) -> bool:
    """Whether the seal fits; HDF5 can read a flipped bit as a loop without end.

    Files without a seal are older; their numbers are verified all the same.
    """
    whole, seal = held[:-_SEAL_LENGTH], held[-_SEAL_LENGTH:]
    return not seal.startswith(_SEAL) or seal == _seal(whole)


def _is_data(item: Any) -> bool:
    """Whether an HDF5 item is an array with values, and no mere name of a dimension."""
    named = b"This is a netCDF dimension but not a netCDF variable"
    return isinstance(item, h5py.Dataset) and not item.attrs.get("NAME", b"").startswith(named)


def set_aside(path: Path, tell: Callable[[str], None]) -> None:
    """Move a damaged file out of the way; it is never deleted silently."""
    place = path.with_name(f"{path.name}.damaged")
    number = 1
    while place.exists():
        number += 1
        place = path.with_name(f"{path.name}.damaged{number}")
    path.replace(place)
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
    for leftover in folder.glob("*.part"):
        match = _ASIDE.search(leftover.name)
        if (
            match
            and match["host"] == socket.gethostname()
            and not _alive(int(match["process"]))
        ):
            leftover.unlink(missing_ok=True)


def _alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True


def _flush_folder(folder: Path) -> None:
    """Make the rename itself survive a power cut, where the system can."""
    if os.name != "posix":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
