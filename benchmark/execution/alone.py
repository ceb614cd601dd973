"""Says if another run is at work on the same results."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

try:
    import fcntl
except ImportError:
    fcntl = None


@contextmanager
def hold(folder: Path, part: bool, tell: Callable[[str], None]) -> Iterator[None]:
    """Hold a folder of results while a run is at work on it; tell if another one is.

    Both go on: results are the same whoever computes them, but the work is done twice. Where
    the system or the file system has no locks, nothing is told.

    Args:
        folder: it is there.
        part: whether this run is a shard, which may work beside other shards.
        tell: hears one sentence.
    """
    if fcntl is None:
        yield
        return
    handle = None
    try:
        handle = os.open(folder, os.O_RDONLY)
        # The system lets go of it even if this process is killed.
        fcntl.flock(handle, (fcntl.LOCK_SH if part else fcntl.LOCK_EX) | fcntl.LOCK_NB)
    except BlockingIOError:
        tell(
            f"Another run is at work on {folder}; what neither has stored yet is computed by "
            "both. Let one wait, or share the work with --shard i/n."
        )
    except OSError:
        # NFS, for one, does not lock folders.
        pass
    try:
        yield
    finally:
        if handle is not None:
            os.close(handle)
