"""The seal at the end of a stored file, by which a damaged one is known before it is read."""

import hashlib
import os
from pathlib import Path

_WORDS = b"sha256 of the above:"
LENGTH = len(_WORDS) + hashlib.sha256().digest_size


def seal(whole: bytes) -> bytes:
    """What stands behind a file's content, where readers of HDF5 do not look."""
    return _WORDS + hashlib.sha256(whole).digest()


def sealed_content(path: Path, limit: int) -> bytes | None:
    """What a file holds, without its seal; None if it is not as it was written.

    HDF5 can read a flipped bit as a loop without end, so nothing else is to be opened.

    Args:
        path: anything, a named pipe too.
        limit: a file of more bytes is not as it was written.

    Raises:
        OSError: it cannot be read.
    """
    if not looks_sealed(path) or path.stat().st_size > limit + LENGTH:
        return None
    content = path.read_bytes()
    whole, end = content[:-LENGTH], content[-LENGTH:]
    return whole if end == seal(whole) else None


def looks_sealed(path: Path) -> bool:
    """Whether a path is a file that ends with a seal, be it the right one or not.

    A glance: it finds files that were cut off, or are something else altogether.
    """
    try:
        # Opening a named pipe would wait for a writer for ever.
        if not path.is_file() or path.stat().st_size < LENGTH:
            return False
        with path.open("rb") as file:
            file.seek(-LENGTH, os.SEEK_END)
            return file.read(len(_WORDS)) == _WORDS
    except OSError:
        return False
