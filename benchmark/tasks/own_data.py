"""What tasks on the user's own files share: the data are what they were when declared."""

import hashlib
import os
from typing import NamedTuple

import numpy as np

from benchmark.declare.data import Pool
from benchmark.declare.errors import require
from benchmark.tasks.classes import ClassTask

_WITHOUT_LIMIT = 2**36


class OwnData(NamedTuple):
    """What was read from files, and the digest of it."""

    pool: "Pool"
    digest: str


def digested(pool: Pool) -> OwnData:
    """A pool with the digest of all its numbers."""
    shapes = f"{pool.x.shape}{pool.y.dtype}{pool.y.shape}".encode()
    seen = hashlib.sha256(shapes)
    for array in (pool.x, pool.y):
        seen.update(np.ascontiguousarray(array).data)
    return OwnData(pool, seen.hexdigest()[:12])


class OwnDataTask(ClassTask):
    """A class task whose pool is read from files, here and on every worker.

    A subclass declares `path` and `content`, and defines `_read` and `_forget`.
    """

    path: str
    content: str

    def __post_init__(self) -> None:
        object.__setattr__(self, "content", self._read().digest)
        self._check()
        super().__post_init__()

    @property
    def where(self) -> str:
        return self.path

    def pool(self) -> Pool:
        """What is in the files.

        Raises:
            UserError: it is not what was there when the task was declared.
        """
        held = self._read()
        if held.digest != self.content:
            # A worker may have read the files for an earlier scenario.
            self._forget()
            held = self._read()
        require(
            held.digest == self.content,
            f"The data in {self.path!r} are not those that the scenario was declared with: "
            "they were changed meanwhile, or are others on this machine. Run again with data "
            "that stay as they are, everywhere.",
        )
        return held.pool

    def _check(self) -> None:
        """Refuse settings that do not suit the data."""

    def _read(self) -> OwnData:
        """The data, remembered."""
        raise TypeError(f"{type(self).__name__} must define `_read`.")

    def _forget(self) -> None:
        """Make `_read` look into the files again."""
        raise TypeError(f"{type(self).__name__} must define `_forget`.")


def require_room(what: str, numbers: int) -> None:
    """Refuse data that can not be held as 32-bit numbers, with a copy, in memory.

    Raises:
        UserError: there are too many.
    """
    size = 8 * numbers
    require(
        size <= memory(),
        f"{what} has {numbers:.3g} numbers, which do not fit into this machine's memory.",
    )


def memory() -> int:
    """Bytes of memory of this machine; where nobody can tell, very many."""
    try:
        return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (AttributeError, ValueError, OSError):
        return _WITHOUT_LIMIT
