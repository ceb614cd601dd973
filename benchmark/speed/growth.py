"""How cost grows: seconds in the number of seeds, and the memory of a worker."""

import time
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from benchmark.declare.condition import Condition
from benchmark.declare.optimizers import SGD
from benchmark.declare.training import Training
from benchmark.execution.place import Place, occupy
from benchmark.models import MLP
from benchmark.speed.peak import cores, together
from benchmark.tasks import Digits

_BLOCK = 16


class Growth(NamedTuple):
    """One worker computing so many seeds of one condition.

    Attributes:
        seeds: runs made, in blocks of 16.
        seconds: time beyond compilation.
        peak_mib: largest memory the process ever held.
    """

    seeds: int
    seconds: float
    peak_mib: float


def growth(seeds: tuple[int, ...] = (256, 1024, 4096)) -> Iterator[Growth]:
    """Measure each number of seeds in a fresh pinned process."""
    for count in seeds:
        (seconds,) = together(_seconds, (count,), cores()[:1])
        (peak,) = together(_peak_mib, (count,), cores()[:1])
        yield Growth(count, seconds, peak)


def _blocks(count: int) -> float:
    """Compute the seeds block by block, as a worker does, and drop each block's series."""
    from benchmark.execution.worker import compute
    from benchmark.store.blocks import Block

    condition = Condition(
        Digits(n_train=256, n_validation=128),
        MLP(widths=(32,)),
        SGD(0.1),
        Training(epochs=5, batch_size=32),
    )
    place = Place("cpu", None)
    compute((Block("growth", 1, condition, 0, _BLOCK),), place)
    start = time.perf_counter()
    for first in range(0, count, _BLOCK):
        compute((Block("growth", 1, condition, first, _BLOCK),), place)
    return time.perf_counter() - start


def _seconds(release: Callable[[], Any], count: int) -> float:
    occupy(Place("cpu", None))
    release()
    return _blocks(count)


def _peak_mib(release: Callable[[], Any], count: int) -> float:
    import resource

    occupy(Place("cpu", None))
    release()
    _blocks(count)
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
