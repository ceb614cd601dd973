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
    plan: dict[Path, tuple[Path, Stored]] = {}
    code: dict[tuple[str, str], tuple[str, Path]] = {}
    damaged: list[Path] = []
    same = 0
    apart: list[str] = []
    for path in _blocks(target):
        stored = read(path)
        if stored is not None:
            plan[path.relative_to(target)] = (path, stored)
            code.setdefault(_condition(path), (str(stored.attributes.get("code")), path))
    for source, path in blocks:
        stored, place = read(path), path.relative_to(source)
        if stored is None:
            damaged.append(path)
            continue
        made = str(stored.attributes.get("code"))
        known, where = code.setdefault(_condition(path), (made, path))
        if known != made:
            apart.append(f"{path} and {where} were made by different code")
        elif place not in plan:
            plan[place] = (path, stored)
        else:
            there, planned = plan[place]
            if not _agree(stored, planned):
                apart.append(f"{path} and {there} hold different numbers")
            elif len(stored.seeds) > len(planned.seeds):
                plan[place] = (path, stored)
            else:
                same += 1
    if apart:
        more = f", and {len(apart) - _SHOWN} more" if len(apart) > _SHOWN else ""
        raise UserError(f"Nothing was merged: {'; '.join(apart[:_SHOWN])}{more}.")
    copied = [(path, target / place) for place, (path, _) in plan.items()]
    moved = [(path, to) for path, to in copied if path != to]
    for path, to in moved:
        _copy(path, to)
    for source in sources:
        for folder in _scenarios(source):
            for variant in variants(folder):
                remember(target / folder.name, variant)
    return Merged(len(moved), same, tuple(damaged))


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
