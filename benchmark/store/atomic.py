"""Files that are there whole or not at all: written aside, then renamed."""

import os
import re
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmark.declare.errors import UserError


@contextmanager
def replacing(path: Path, lasting: bool = False) -> Iterator[Path]:
    """Gives a path to write to, which becomes `path` when the block ends.

    If the block raises, `path` stays as it was. The name aside holds host and process, as
    two machines may share a disk.

    Args:
        path: the file; its folder exists.
        lasting: whether it is to survive a power cut, which takes a disk's time.

    Raises:
        OSError: it cannot be written.
    """
    aside = path.with_name(f"{path.name}.{socket.gethostname()}.{os.getpid()}.part")
    try:
        yield aside
        if lasting:
            _flush(aside, os.O_RDWR)
        aside.replace(path)
        if lasting and os.name == "posix":
            # The rename itself, where the system can.
            _flush(path.parent, os.O_RDONLY)
    finally:
        aside.unlink(missing_ok=True)


def write(path: Path, content: str | bytes) -> Path:
    """Write a file, in UTF-8 if it is a text, and the folders that it lies in.

    Returns:
        `path`.

    Raises:
        UserError: it cannot be written; what was there before is untouched.
    """
    whole = content.encode() if isinstance(content, str) else content
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with replacing(path) as aside:
            aside.write_bytes(whole)
    except OSError as error:
        raise UserError(f"{path} could not be written: {error.strerror or error}.") from error
    return path


def clear_leftovers(folder: Path, suffix: str) -> None:
    """Remove what killed processes of this machine left aside, of files with a suffix."""
    ours = re.compile(rf"\{suffix}\.{re.escape(socket.gethostname())}\.(\d+)\.part$")
    for leftover in folder.glob(f"*{suffix}.*.part"):
        match = ours.search(leftover.name)
        if match and not _alive(int(match[1])):
            leftover.unlink(missing_ok=True)


def _alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True


def _flush(path: Path, how: int) -> None:
    handle = os.open(path, how)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
