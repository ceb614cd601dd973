"""From a condition and seeds to curves."""

from benchmark.training.lanes import train
from benchmark.training.program import TRACES

__all__ = ["TRACES", "train"]
