"""Folders of results joined into one: shards that were computed on several machines."""

import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmark.declare.errors import UserError, require
from benchmark.store.atomic import replacing
from benchmark.store.files import Stored, read
from benchmark.store.variants import remember, variants

_SHOWN = 3


@dataclass(frozen=True)
class Merged:
    """What became of the blocks of other folders.

    Attributes:
        copied: blocks that were not there, or with fewer runs.
        same: blocks that were there, with the same numbers.
        damaged: files that are no whole blocks; they were left where they are.
    """

    copied: int
    same: int
    damaged: tuple[Path, ...]


def merge(sources: Sequence[Path], target: Path) -> Merged:
    """Copy what other folders of results hold into one; nothing is copied if they disagree.

    Two blocks of one name must hold the same numbers for the runs that both have, and all
    blocks of a condition must be made by the same code.

    Args:
        sources: folders of results, each with a folder for every scenario.
        target: where they go; it may hold some of them already.

    Raises:
        UserError: a folder is not there or holds no results, two disagree, or the target
            cannot be written.
    """
    for source in sources:
        require(source.is_dir(), f"The folder {str(source)!r} does not exist.")
    blocks = [(source, path) for source in sources for path in _blocks(source)]
    require(
        bool(blocks),
        f"There are no blocks of results in {', '.join(map(str, sources))}. A folder of "
        "results holds a folder for every scenario.",
    )
    plan = _Plan()
    for path in _blocks(target):
        plan.keep(path, path.relative_to(target))
    for source, path in blocks:
        plan.add(path, path.relative_to(source))
    if plan.apart:
        more = f", and {len(plan.apart) - _SHOWN} more" if len(plan.apart) > _SHOWN else ""
        raise UserError(f"Nothing was merged: {'; '.join(plan.apart[:_SHOWN])}{more}.")
    copies = [(path, target / place) for place, path in plan.files.items()]
    moved = [(path, to) for path, to in copies if path != to]
    for path, to in moved:
        _copy(path, to)
    for source in sources:
        for folder in _scenarios(source):
            for variant in variants(folder):
                remember(target / folder.name, variant)
    return Merged(len(moved), plan.same, tuple(plan.damaged))


class _Plan:
    """Which file is to stand where, and what speaks against it; holds no runs.

    Attributes:
        files: place below the target → the file whose runs are to stand there.
        same: number of files that add nothing to these.
        damaged: files that are no whole blocks.
        apart: what disagrees, in words.
    """

    def __init__(self) -> None:
        self.files: dict[Path, Path] = {}
        self.same = 0
        self.damaged: list[Path] = []
        self.apart: list[str] = []
        self._code: dict[tuple[str, str], tuple[str, Path]] = {}

    def keep(self, path: Path, place: Path) -> None:
        """A file of the target; a damaged one is taken for none."""
        stored = read(path)
        if stored is not None:
            self.files[place] = path
            self._code.setdefault(_condition(path), (_code_of(stored), path))

    def add(self, path: Path, place: Path) -> None:
        """A file of another folder."""
        stored = read(path)
        if stored is None:
            self.damaged.append(path)
            return
        made = _code_of(stored)
        known, where = self._code.setdefault(_condition(path), (made, path))
        if known != made:
            self.apart.append(f"{path} and {where} were made by different code")
            return
        if place not in self.files:
            self.files[place] = path
            return
        there = self.files[place]
        planned = read(there)
        if planned is None or not _agree(stored, planned):
            self.apart.append(f"{path} and {there} hold different numbers")
        elif len(stored.seeds) > len(planned.seeds):
            self.files[place] = path
        else:
            self.same += 1


def _code_of(stored: Stored) -> str:
    return str(stored.attributes.get("code"))


def _scenarios(root: Path) -> Iterator[Path]:
    if root.is_dir():
        yield from sorted(path for path in root.iterdir() if path.is_dir())


def _blocks(root: Path) -> Iterator[Path]:
    for folder in _scenarios(root):
        # References are files of all conditions, and no blocks.
        if folder.name != "reference":
            yield from sorted(folder.glob("*-v*-seed*.nc"))


def _condition(path: Path) -> tuple[str, str]:
    """The scenario and the condition of a block's file."""
    return path.parent.name, path.name.rpartition("-seed")[0]


def _agree(one: Stored, other: Stored) -> bool:
    """Whether two blocks hold the same numbers for the runs that both have."""
    count = min(len(one.seeds), len(other.seeds))
    return one.series.keys() == other.series.keys() and all(
        values[:count].tobytes() == other.series[name][:count].tobytes()
        and values.shape[1:] == other.series[name].shape[1:]
        for name, values in one.series.items()
    )


def _copy(path: Path, to: Path) -> None:
    try:
        to.parent.mkdir(parents=True, exist_ok=True)
        with replacing(to, lasting=True) as aside:
            shutil.copyfile(path, aside)
    except OSError as error:
        raise UserError(
            f"{to} could not be written: {error.strerror or error}. What was merged before is "
            "kept; the same command goes on from there."
        ) from error
