"""Results that are put where a run would put them, and what a run says."""

from collections.abc import Callable, Mapping

import numpy as np

from benchmark.execution import run as execution
from benchmark.store.blocks import Block, Made, to_dataset
from benchmark.store.files import prepare, write
from benchmark.store.results import Results

MADE = Made("made up", 1, 0.0)


class Heard(execution.Silent):
    """Remembers what a run says."""

    def __init__(self) -> None:
        self.said: list[str] = []

    def tell(self, message: str) -> None:
        self.said.append(message)


def store(
    results: Results,
    series: Callable[[Block], Mapping[str, np.ndarray]],
    blocks: list[Block] | None = None,
) -> Results:
    """Blocks, by default all, whose numbers nobody has computed."""
    prepare(results.folder)
    for block in results.all_blocks() if blocks is None else blocks:
        write(results.path(block), to_dataset(block, dict(series(block)), MADE))
    return results
