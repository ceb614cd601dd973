"""Workers: a local cluster with one process per core or GPU, or somebody's own cluster."""

import logging
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from multiprocessing import resource_tracker
from typing import NamedTuple

import dask.config
from distributed import Client, LocalCluster, Security
from distributed.comm.addressing import resolve_address

from benchmark.declare.errors import UserError
from benchmark.execution.place import Place, local_places

_SETTINGS = {
    "distributed.scheduler.work-stealing": False,
    "distributed.worker.memory.terminate": False,
    "distributed.logging.distributed": "critical",
    # Each block leaves some 12 kB of events and transitions behind, until the logs are full.
    "distributed.admin.low-level-log-length": 20,
    "distributed.admin.log-length": 20,
    "distributed.admin.system-monitor.log-length": 20,
    "distributed.worker.profile.enabled": False,
    # A worker inside a long compilation is busy, not dead; the watchdog judges that.
    "distributed.scheduler.worker-ttl": None,
}


class Workers(NamedTuple):
    """A client of the workers, and the place that belongs to each worker's name."""

    client: Client
    places: dict[str, Place]
    default: Place


@contextmanager
def open_workers(device: str, scheduler: str | None, pieces: int) -> Iterator[Workers]:
    """Workers for as long as the context lasts.

    Args:
        device: "auto", "cpu" or "gpu".
        scheduler: address of a Dask scheduler; None starts workers here, reachable from
            this machine only and with credentials of their own.
        pieces: no more local workers than this are started.

    Raises:
        UserError: the scheduler does not answer, or the device is not there.
    """
    dask.config.set(_SETTINGS)
    if scheduler is not None:
        yield from _existing(device, scheduler)
        return
    places = local_places(device)[: max(1, pieces)]
    named = {str(number): place for number, place in enumerate(places)}
    with _deafness() as listen:
        cluster = LocalCluster(
            n_workers=len(places),
            threads_per_worker=1,
            host="127.0.0.1",
            protocol="tls://",
            security=Security.temporary(),
            dashboard_address="127.0.0.1:0",
            memory_limit=0,
            silence_logs=logging.CRITICAL,
        )
        try:
            listen()
            # Not the default client: xarray would lock files through it.
            with Client(cluster, set_as_default=False) as client:
                yield Workers(client, named, places[0])
        finally:
            # On a crowded machine workers may leave late, when all results are stored.
            with suppress(TimeoutError):
                cluster.close(timeout=5)


@contextmanager
def _deafness() -> Iterator[Callable[[], None]]:
    """Ctrl-C waits until the function that is given is called.

    Threads and processes made meanwhile never hear it. A terminal sends it to every process
    of a run, but only the main one is to say what it means.
    """
    if not hasattr(signal, "pthread_sigmask"):
        yield lambda: None
        return
    # Started by a deaf thread, it would make that thread hear again.
    resource_tracker.ensure_running()
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})

    def listen() -> None:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)

    try:
        yield listen
    finally:
        listen()


def _existing(device: str, scheduler: str) -> Iterator[Workers]:
    try:
        # A client of an address that cannot be would not be closed either.
        resolve_address(scheduler)
        client = Client(scheduler, timeout="10s", set_as_default=False)
    except (OSError, TimeoutError, ValueError) as error:
        raise UserError(
            f"No Dask scheduler answers at {scheduler!r} ({error}); give its address as "
            "tcp://HOST:PORT."
        ) from error
    with client:
        yield Workers(client, {}, Place("gpu" if device == "gpu" else "cpu", None))
