"""Which blocks a scenario consists of; imports nothing heavy, as `list` needs it."""

from collections.abc import Iterator

from benchmark.declare.condition import Condition
from benchmark.declare.scenario import Resolved


def block_filename(condition: Condition, version: int, first: int) -> str:
    """Name of a block's file, the same on every machine."""
    return f"{condition.id}-v{version}-seed{first:05d}.nc"


def block_spans(resolved: Resolved) -> Iterator[tuple[int, int]]:
    """First seed and number of seeds of each block of a condition."""
    size, end = resolved.scenario.block, resolved.first_seed + resolved.seeds
    for first in range(resolved.first_seed, end, size):
        yield first, min(size, end - first)


def left_out(scenario: str, count: int) -> str:
    """What is to be said of damaged blocks."""
    blocks = "1 block is" if count == 1 else f"{count} blocks are"
    return f"{scenario}: {blocks} damaged and left out; run again."


def block_names(resolved: Resolved) -> list[str]:
    """File names of all blocks."""
    version = resolved.scenario.version
    return [
        block_filename(condition, version, first)
        for condition in resolved.conditions
        for first, _ in block_spans(resolved)
    ]
