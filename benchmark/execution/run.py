"""Run scenarios: compute the blocks that are missing, and store each as it is done."""

import math
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from benchmark.declare.condition import Condition
from benchmark.declare.errors import UserError, one_of, require
from benchmark.declare.identity import definitions
from benchmark.declare.scenario import Resolved
from benchmark.declare.source import is_installed
from benchmark.execution.address import Certificates, check_address
from benchmark.execution.alone import hold
from benchmark.execution.clock import Clock, Outlook
from benchmark.execution.place import Place, cores
from benchmark.execution.plan import by_group, cost, shard, trainings
from benchmark.store.believed import check_series
from benchmark.store.blocks import Block, to_dataset
from benchmark.store.files import prepare, write
from benchmark.store.results import Results

if TYPE_CHECKING:
    from benchmark.execution.dispatch import Failed
    from benchmark.execution.worker import Finished


class Listener(Protocol):
    """Hears how a run goes on; the command line shows it, a script may ignore it."""

    def begin(self, total: float, blocks: int) -> None:
        """Work of `total` units in that many blocks begins."""

    def advance(self, amount: float) -> None:
        """That many more units are done."""

    def expect(self, outlook: Outlook) -> None:
        """What the run is at, and how long it will still take; said every second or so."""

    def stored(self, block: Block) -> None:
        """A block is on disk."""

    def tell(self, message: str) -> None:
        """Something a person should know."""


class Silent:
    """A listener that ignores everything."""

    def begin(self, total: float, blocks: int) -> None: ...
    def advance(self, amount: float) -> None: ...
    def expect(self, outlook: Outlook) -> None: ...
    def stored(self, block: Block) -> None: ...
    def tell(self, message: str) -> None: ...


@dataclass(frozen=True)
class Options:
    """How to compute.

    Attributes:
        device: "auto", "cpu" or "gpu"; "inline" computes in this very process, for
            debugging and tests.
        scheduler: address of a Dask scheduler; None computes on this machine.
        shard: "i/n" computes only every n-th block.
        patience: seconds without progress after which a block's worker is restarted.
        certificates: for a scheduler at ``tls://``.

    Raises:
        UserError: one of them is not what it can be.
    """

    device: str = "auto"
    scheduler: str | None = None
    shard: str | None = None
    patience: float = 600.0
    certificates: Certificates | None = None

    def __post_init__(self) -> None:
        one_of("device", self.device, ("auto", "cpu", "gpu", "inline"))
        if self.shard is not None:
            shard((), self.shard)
        require(
            0 < self.patience < math.inf,
            f"patience is {self.patience:g}, but must be a number of seconds above 0.",
        )
        require(
            self.scheduler is None or self.device != "inline",
            "device is 'inline', which computes in this process: leave out the scheduler.",
        )
        if self.scheduler is not None:
            check_address(self.scheduler, self.certificates)
        else:
            require(
                self.certificates is None,
                "Certificates are for a scheduler: give --scheduler tls://HOST:PORT, too.",
            )


@dataclass(frozen=True)
class Report:
    """What became of a run.

    Attributes:
        computed: blocks made and stored now.
        kept: blocks that were there already.
        failures: reason → how many blocks failed for it.
    """

    computed: int
    kept: int
    failures: dict[str, int]


def run(
    scenarios: Resolved | Sequence[Resolved],
    root: Path,
    options: Options = Options(),
    listener: Listener | None = None,
) -> Report:
    """Compute what is missing of the scenarios' results and store it below `root`.

    Raises:
        UserError: the folder cannot be written, the device or scheduler is not there, or a
            part of a scenario refuses its settings.
        Stopped: the scheduler was lost in the middle; what is stored is kept.
    """
    listener = listener or Silent()
    every = [scenarios] if isinstance(scenarios, Resolved) else list(scenarios)
    results = {each.scenario.name: Results.at(each, root) for each in every}
    for held in results.values():
        prepare(held.folder)
    with ExitStack() as at_work:
        for held in results.values():
            at_work.enter_context(hold(held.folder, options.shard is not None, listener.tell))
        return _complete(results, options, listener)


def _complete(results: dict[str, Results], options: Options, listener: Listener) -> Report:
    """Compute and store what is missing of these results."""
    blocks = [b for held in results.values() for b in held.all_blocks()]
    # Sharded among all blocks, not the missing ones: parts must not depend on what is done.
    wanted = set(blocks if options.shard is None else shard(blocks, options.shard))
    missing = [
        b for held in results.values() for b in held.missing(listener.tell) if b in wanted
    ]
    failures: dict[str, int] = {}
    if missing:
        listener.begin(cost(missing), len(missing))
        for outcome in _compute(missing, options, listener):
            if isinstance(outcome, list):
                for finished in outcome:
                    check_series(finished.block, finished.series)
                    path = results[finished.block.scenario].path(finished.block)
                    write(path, to_dataset(finished.block, finished.series, finished.made))
                    listener.stored(finished.block)
            elif outcome.is_user_error:
                raise UserError(outcome.reason)
            else:
                failures[outcome.reason] = failures.get(outcome.reason, 0) + len(outcome.blocks)
    failed = sum(failures.values())
    return Report(len(missing) - failed, len(wanted) - len(missing), failures)


def _compute(
    missing: list[Block], options: Options, listener: Listener
) -> Iterator["list[Finished] | Failed"]:
    inline = options.device == "inline"
    clock = Clock(by_group(missing), 1 if inline else len(cores()))
    listener.expect(clock.outlook())
    if inline:
        from benchmark.execution.worker import compute

        for number, views in enumerate(trainings(missing)):
            clock.handed(number, "", views[0].condition.group, cost(views))
            listener.expect(clock.outlook())
            yield compute(views, Place("cpu", None))
            clock.done(number)
            listener.advance(cost(views))
        return
    from benchmark.execution.cluster import open_workers
    from benchmark.execution.dispatch import Dispatcher

    _send_by_value({block.condition for block in missing})
    with open_workers(
        options.device, options.scheduler, options.certificates, len(missing)
    ) as workers:
        hears = listener.advance, listener.expect
        yield from Dispatcher(workers, options.patience, clock, *hears)(missing)


def _send_by_value(conditions: set[Condition]) -> None:
    """Let workers, who have no scenario files, receive what is defined in them."""
    import cloudpickle

    made = {each for condition in conditions for each in definitions(condition)}
    bases = {base for each in made if isinstance(each, type) for base in each.__mro__}
    for name in {each.__module__ for each in made | bases}:
        file = getattr(sys.modules.get(name), "__file__", None)
        own = name.partition(".")[0] != "benchmark"
        if own and file is not None and not is_installed(Path(file)):
            cloudpickle.register_pickle_by_value(sys.modules[name])
