"""Files that are either whole or not there: write aside, flush, rename; verify on reading."""

import os
import re
import socket
from collections.abc import Callable
from pathlib import Path

import xarray as xr

from benchmark.declare.errors import UserError
from benchmark.store.blocks import series_digest, series_of

_ASIDE = re.compile(r"\.nc\.(?P<host>.+)\.(?P<process>\d+)\.part$")


def write(path: Path, dataset: xr.Dataset) -> None:
    """Store a dataset so that `path` never holds less than all of it.

    Raises:
        UserError: the folder cannot be written, or the disk is full; what was stored
            before is untouched.
    """
    aside = path.with_name(f"{path.name}.{socket.gethostname()}.{os.getpid()}.part")
    compressed = {name: {"zlib": True, "complevel": 1, "shuffle": True} for name in dataset.data_vars}
    whole = bytes(dataset.to_netcdf(engine="h5netcdf", encoding=compressed))
    try:
        with aside.open("wb") as file:
            file.write(whole)
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


def read(path: Path) -> xr.Dataset | None:
    """The dataset at `path` if its numbers are those that were written, else None."""
    try:
        with xr.open_dataset(path, engine="h5netcdf") as opened:
            dataset = opened.load()
    except (OSError, ValueError, KeyError, RuntimeError, EOFError):
        return None
    return dataset if dataset.attrs.get("digest") == series_digest(series_of(dataset)) else None


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
        if match and match["host"] == socket.gethostname() and not _alive(int(match["process"])):
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
