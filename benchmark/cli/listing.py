"""What `list` says of a scenario, remembered until a file that it depends on has changed.

Resolving the catalogue takes a second; a list is looked at often.
"""

import json
import os
import sys
import sysconfig
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from functools import cache
from importlib.util import source_from_cache
from pathlib import Path
from typing import Any, TypeAlias

from benchmark.declare.errors import UserError
from benchmark.declare.identity import digest
from benchmark.declare.source import PACKAGE
from benchmark.execution.place import cache_folder
from benchmark.store.atomic import write

Stamps: TypeAlias = dict[str, list[int]]
"""Path → time of its last change in ns and size in bytes; both −1 if it is not there."""


@dataclass(frozen=True)
class Listed:
    """What is listed of a scenario at one scale.

    Attributes:
        family, question: as declared.
        minutes: rough running time on two cores.
        blocks: names of the files of all blocks.
    """

    family: str
    question: str
    minutes: float
    blocks: tuple[str, ...]


def listed(path: Path, scale: str) -> Listed:
    """The scenario of a file, as it was when the file was last loaded, if nothing has changed.

    Raises:
        UserError: the file cannot be loaded, or has no such scale.
    """
    memory = _memory(path, scale)
    held = _recalled(memory)
    if held is None:
        with _watching():
            held = _loaded(path, scale)
        _remember(memory, held, path)
    return held


def _loaded(path: Path, scale: str) -> Listed:
    from benchmark.declare.effort import expected_seconds
    from benchmark.declare.load import load_file
    from benchmark.store.names import block_names

    resolved = load_file(path).resolve(scale)
    scenario = resolved.scenario
    minutes = round(expected_seconds(resolved) / 60, 1)
    return Listed(scenario.family, scenario.question, minutes, tuple(block_names(resolved)))


# --- memory -------------------------------------------------------------------------------


def _memory(path: Path, scale: str) -> Path | None:
    """The file that remembers; None where nothing can be kept."""
    folder = cache_folder()
    if folder is None:
        return None
    known_by = [str(path.absolute()), scale, sys.version, str(PACKAGE)]
    return folder / "listing" / f"{digest(known_by, 24)}.json"


def _recalled(memory: Path | None) -> Listed | None:
    """What is remembered, if it still holds; whatever else lies there is not believed."""
    try:
        held = json.loads(memory.read_text()) if memory is not None else None
        if held is None or held["package"] != _package_stamp() or not _same(held["files"]):
            return None
        return Listed(**held["listed"] | {"blocks": tuple(held["listed"]["blocks"])})
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None


def _remember(memory: Path | None, made: Listed, path: Path) -> None:
    if memory is None:
        return
    files = _stamps({str(path.absolute()), *_watch().noted})
    held = {"package": _package_stamp(), "files": files, "listed": asdict(made)}
    try:
        write(memory, json.dumps(held))
    except UserError:
        # A list that is not remembered is made anew.
        return


def _stamps(paths: Iterable[str]) -> Stamps:
    return {path: _stamp(path) for path in sorted(paths)}


def _stamp(path: str) -> list[int]:
    try:
        seen = os.stat(path)
    except (OSError, ValueError):
        return [-1, -1]
    return [seen.st_mtime_ns, seen.st_size]


def _same(files: Stamps) -> bool:
    return all(_stamp(path) == stamp for path, stamp in files.items())


@cache
def _package_stamp() -> str:
    """Changes with any file of the package."""
    return digest(_stamps(str(path) for path in PACKAGE.rglob("*.py")), 24)


# --- what a scenario file reads -----------------------------------------------------------


class _Watch:
    """Notes files and folders that are looked into while it is on.

    Attributes:
        on: whether it notes.
        noted: by any scenario: a module of one's own is read once, by the first of those that
            import it.
    """

    def __init__(self) -> None:
        self.on, self.noted = False, set[str]()

    def __call__(self, event: str, details: tuple[Any, ...]) -> None:
        if not self.on or event not in ("open", "os.listdir", "os.scandir"):
            return
        if isinstance(details[0], str | os.PathLike):
            path = os.path.abspath(os.fsdecode(details[0]))
            if path.endswith(".pyc"):
                # It is read in the place of its source.
                with suppress(ValueError):
                    path = source_from_cache(path)
            if not path.startswith(_INSTALLED):
                self.noted.add(path)


@cache
def _watch() -> _Watch:
    """What Python tells of every file that it opens; that cannot be undone, so it is one."""
    watch = _Watch()
    sys.addaudithook(watch)
    return watch


@contextmanager
def _watching() -> Iterator[None]:
    """Data and modules of one's own decide on what is listed, too."""
    _watch().on = True
    try:
        yield
    finally:
        _watch().on = False


_INSTALLED = tuple(
    {*(f"{p}{os.sep}" for p in sysconfig.get_paths().values()), f"{PACKAGE}{os.sep}", "/proc/"}
)
"""Python's own and installed files, which are replaced with their versions."""
