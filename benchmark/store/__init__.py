"""Results on disk: where the doing wing and the knowing wing meet."""

from benchmark.store.blocks import Block, Made, to_dataset
from benchmark.store.files import prepare, read, write
from benchmark.store.labelled import load, tidy
from benchmark.store.results import Results, Runs

__all__ = [
    "Block", "Made", "Results", "Runs", "load", "prepare", "read", "tidy", "to_dataset", "write",
]
