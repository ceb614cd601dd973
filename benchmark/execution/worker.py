"""What runs inside a worker process: blocks in, series out."""

import time
from collections.abc import Callable
from dataclasses import dataclass

import cloudpickle
import numpy as np

from benchmark.execution.place import Place, occupy
from benchmark.store.blocks import Block, Made

PROGRESS = "benchmark-progress"
"""Topic of the events in which workers report run-steps."""


@dataclass(frozen=True)
class Finished:
    """A block's series, [run, epoch] or [run, epoch, step], and how it was made."""

    block: Block
    series: dict[str, np.ndarray]
    made: Made


def compute(
    blocks: tuple[Block, ...], place: Place, alive: Callable[[int], None] | None = None
) -> list[Finished]:
    """Train all runs of blocks of one group at a place; a GPU takes them all at once.

    Args:
        blocks: blocks whose conditions share a group.
        place: where; the first call in a process decides for good.
        alive: called with run-steps made, often enough to show that work goes on.
    """
    occupy(place)
    import jax

    from benchmark.training.lanes import Run, train

    started = time.perf_counter()
    runs = [Run(block.condition, seed) for block in blocks for seed in block.seeds]
    device = jax.devices()[0]
    width = len(runs) if device.platform == "gpu" else blocks[0].lanes
    series = iter(train(runs, width, alive))
    seconds = (time.perf_counter() - started) / len(blocks)
    made = Made(f"{device.platform}: {device.device_kind}", width, seconds)
    finished = []
    for block in blocks:
        own = [next(series) for _ in block.seeds]
        stacked = {name: np.stack([held[name] for held in own]) for name in own[0]}
        finished.append(Finished(block, stacked, made))
    return finished


def compute_in_cluster(
    number: int, packed: bytes, places: dict[str, Place], default: Place
) -> list[tuple[dict[str, np.ndarray], Made]]:
    """`compute` inside a Dask worker, at the place that belongs to the worker's name.

    The blocks come packed by cloudpickle: Dask itself would try plain pickle first, which
    names the classes of a scenario file instead of sending them. For the same reason they
    do not go back.
    """
    from distributed import get_worker

    worker = get_worker()
    place = places.get(str(worker.name), default)

    def alive(steps: int) -> None:
        worker.log_event(PROGRESS, {"piece": number, "steps": steps})

    alive(0)
    finished = compute(cloudpickle.loads(packed), place, alive)
    return [(each.series, each.made) for each in finished]
