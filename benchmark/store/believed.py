"""Which files are believed: those that hold what training records of the block asked for.

A file may be whole and still be another's: copied under a wrong name, made by code that
recorded other series, or crafted. It counts as damaged.
"""

import json
from collections import Counter
from collections.abc import Hashable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from benchmark.declare.errors import require
from benchmark.declare.series import recorded, series_shapes
from benchmark.store.blocks import Block
from benchmark.store.files import Outline, Stored, read

_MOST_RUNS = 4096
_MOST_UNKNOWN = 1024


def read_block(path: Path, block: Block) -> Stored | None:
    """The runs of a block, or None if the file at `path` does not hold them.

    There may be fewer or more runs than asked for, if the scenario's block size has changed;
    the first is that of the block.
    """
    stored = read(path, _limit(block), lambda outline: _fits(block, outline))
    return stored if stored is not None and _belongs(block, stored) else None


def check_series(block: Block, series: Mapping[str, np.ndarray]) -> None:
    """Refuse to store what would not be believed afterwards.

    Raises:
        UserError: a series is missing, not declared, of another shape or no float.
    """
    arrays = {name: (values.dtype, values.shape) for name, values in series.items()}
    wrong = _wrong(block, block.count, arrays)
    require(
        wrong is None,
        f"Training of {block.scenario!r} recorded {wrong!r} otherwise than declared: series "
        "are floats for each epoch or each step, and a probe's are those that its `series` "
        "names, if it defines that.",
    )


def outvoted(files: Mapping[str, tuple[Block, Hashable]]) -> set[str]:
    """Files whose series are not those of most others that the same program made.

    Only training can tell what some probes record.

    Args:
        files: name of a file → its block, and what series it has.
    """
    votes: dict[Hashable, Counter[Hashable]] = {}
    for block, names in files.values():
        votes.setdefault(_program(block), Counter())[names] += 1
    chosen = {program: count.most_common(1)[0][0] for program, count in votes.items()}
    return {file for file, (b, names) in files.items() if names != chosen[_program(b)]}


def _program(block: Block) -> Hashable:
    known = frozenset(recorded(block.condition).known)
    return block.condition.group, block.condition.training.epochs, known


def _limit(block: Block) -> int:
    """Bytes that the numbers of a block's file can have."""
    known, all_known = recorded(block.condition)
    sizes = [*known.values(), series_shapes(block.condition)["epoch"], (1,)]
    if not all_known:
        sizes += [series_shapes(block.condition)["step"]] * _MOST_UNKNOWN
    return 8 * max(_MOST_RUNS, block.count) * sum(int(np.prod(size)) for size in sizes)


def _fits(block: Block, outline: Outline) -> bool:
    """Whether coordinates and series have the names, types and shapes of the block."""
    series = dict(outline)
    (of_seeds, shape), (of_epochs, epochs) = series.pop("run"), series.pop("epoch")
    return (
        of_seeds.kind == of_epochs.kind == "i"
        and len(shape) == 1
        and 1 <= shape[0] <= max(_MOST_RUNS, block.count)
        and epochs == series_shapes(block.condition)["epoch"]
        and _wrong(block, shape[0], series) is None
    )


def _wrong(block: Block, runs: int, arrays: Outline) -> str | None:
    """A series that is missing, or is not as training would record it; None if all are."""
    known, all_known = recorded(block.condition)
    for name in {**known, **arrays}:
        if name not in arrays or (name not in known and all_known):
            return name
        usual = [known[name]] if name in known else series_shapes(block.condition).values()
        dtype, shape = arrays[name]
        if dtype.kind != "f" or shape not in [(runs, *each) for each in usual]:
            return name
    return None


def _belongs(block: Block, stored: Stored) -> bool:
    """Whether a file's runs are those of the block, and it says how they were made."""
    attributes, seeds = stored.attributes, stored.seeds
    return (
        _text(attributes.get("scenario")) == block.scenario
        and _number(attributes.get("scenario_version")) == block.version
        and _text(attributes.get("condition_id")) == block.condition.id
        and np.array_equal(seeds, np.arange(block.first, block.first + len(seeds)))
        and _tells_how(attributes)
    )


def _tells_how(attributes: Mapping[str, Any]) -> bool:
    """Whether the attributes say with what the block was made, and how long it took."""
    texts = [
        _text(attributes.get(name)) for name in ("condition", "device", "code", "versions")
    ]
    numbers = [_number(attributes.get(name)) for name in ("lanes", "seconds")]
    try:
        versions = json.loads(texts[-1] or "")
    except (ValueError, RecursionError):
        return False
    plain = isinstance(versions, dict) and all(isinstance(v, str) for v in versions.values())
    return plain and None not in texts and all(n is not None and n >= 0 for n in numbers)


def _text(value: Any) -> str | None:
    """An attribute that is a text fit for a page, else None."""
    return value if isinstance(value, str) and value.isprintable() else None


def _number(value: Any) -> float | None:
    """An attribute that is one finite number (netCDF keeps it as an array), else None."""
    array = np.asarray(value)
    plain = array.dtype.kind in "iuf" and array.size == 1 and np.isfinite(array).all()
    return array.item() if plain else None
