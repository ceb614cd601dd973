"""Workers: a local cluster with one process per core or GPU, or somebody's own cluster."""

import asyncio
import logging
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from multiprocessing import resource_tracker, spawn
from typing import Any, NamedTuple

import dask.config
from distributed import Client, LocalCluster, Security
from distributed.comm.core import connect
from distributed.core import send_recv
from distributed.utils import silence_logging_cmgr

from benchmark.declare.errors import UserError, require, told
from benchmark.execution.address import Certificates
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
_NO_PAGES = {
    # Anybody on this machine could read there what is computed.
    "distributed.scheduler.http.routes": [],
    "distributed.worker.http.routes": [],
}
_CONNECT_SECONDS = 10.0


class Workers(NamedTuple):
    """A client of the scheduler at an address, and the place of each worker by its name."""

    client: Client
    address: str
    places: dict[str, Place]
    default: Place


@contextmanager
def open_workers(
    device: str, scheduler: str | None, certificates: Certificates | None, pieces: int
) -> Iterator[Workers]:
    """Workers for as long as the context lasts.

    Args:
        device: "auto", "cpu" or "gpu".
        scheduler: address of a Dask scheduler; None starts workers here, reachable from
            this machine only and with credentials of their own.
        certificates: for a scheduler at ``tls://``.
        pieces: no more local workers than this are started.

    Raises:
        UserError: the scheduler does not answer, or the device is not there.
    """
    dask.config.set(_SETTINGS)
    if scheduler is not None:
        yield from _existing(device, scheduler, certificates)
        return
    dask.config.set(_NO_PAGES)
    places = local_places(device)[: max(1, pieces)]
    named = {str(number): place for number, place in enumerate(places)}
    with _deafness() as listen, _main_left_alone():
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
                yield Workers(client, cluster.scheduler_address, named, places[0])
        finally:
            # On a crowded machine workers may leave late, when all results are stored.
            with suppress(TimeoutError):
                cluster.close(timeout=5)


@contextmanager
def _main_left_alone() -> Iterator[None]:
    """Workers do not run the caller's script again, as Python has new processes do.

    A script without ``if __name__ == "__main__"`` would start workers in every worker. What
    it defines travels to them by value.
    """
    prepared = spawn.get_preparation_data

    def without_main(name: str) -> dict[str, Any]:
        held = prepared(name)
        return {key: given for key, given in held.items() if not key.startswith("init_main")}

    spawn.get_preparation_data = without_main
    try:
        yield
    finally:
        spawn.get_preparation_data = prepared


@contextmanager
def _deafness() -> Iterator[Callable[[], None]]:
    """Ctrl-C waits until the function that is given is called.

    Threads and processes made meanwhile never hear it. A terminal sends it to every process
    of a run, but only the main one is to say what it means.
    """
    if not hasattr(signal, "pthread_sigmask"):
        yield lambda: None
        return
    _start_tracker()
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})

    def listen() -> None:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)

    try:
        yield listen
    finally:
        listen()


def _start_tracker() -> None:
    """Start Python's tracker of shared resources, which outlives a killed run.

    Started by a deaf thread, it would make that thread hear again.
    """
    # It would warn of what the killed left, on a terminal where all is said already.
    sys.warnoptions.append("ignore:resource_tracker")
    try:
        resource_tracker.ensure_running()
    finally:
        sys.warnoptions.pop()


def _existing(
    device: str, scheduler: str, certificates: Certificates | None
) -> Iterator[Workers]:
    try:
        client = _in_time(lambda: _client(scheduler, _security(certificates)))
    except UserError:
        raise
    # What answers there may be anything, and so may be what it makes Dask raise.
    except Exception as error:
        raise UserError(
            f"No Dask scheduler answers at {scheduler!r} ({told(error)}); give its address as "
            "tcp://HOST:PORT or tls://HOST:PORT."
        ) from error
    # Dask logs a lost scheduler with tracebacks; what it means is said once, by us.
    with silence_logging_cmgr(logging.CRITICAL), client:
        yield Workers(client, scheduler, {}, Place("gpu" if device == "gpu" else "cpu", None))


def _security(certificates: Certificates | None) -> Security:
    if certificates is None:
        return Security()
    return Security(
        tls_ca_file=str(certificates.authority),
        tls_client_cert=str(certificates.certificate),
        tls_client_key=str(certificates.key),
        require_encryption=True,
    )


def _in_time(make: Callable[[], Client]) -> Client:
    """What `make` gives, or TimeoutError; some of Dask's own waiting knows no end.

    In a thread, which is left behind when it does not come back.
    """
    made: list[Client | Exception] = []

    def attempt() -> None:
        try:
            made.append(make())
        except Exception as error:
            made.append(error)

    thread = threading.Thread(target=attempt, daemon=True)
    thread.start()
    thread.join(2 * _CONNECT_SECONDS)
    if not made:
        raise TimeoutError(f"no answer in {2 * _CONNECT_SECONDS:g} seconds")
    if isinstance(made[0], Exception):
        raise made[0]
    return made[0]


def _client(scheduler: str, security: Security) -> Client:
    kind = asyncio.run(_kind(scheduler, security))
    require(kind == "Scheduler", f"At {scheduler!r} is no Dask scheduler, but a {kind}.")
    return Client(scheduler, timeout=_CONNECT_SECONDS, security=security, set_as_default=False)


async def _kind(address: str, security: Security) -> str:
    """What a Dask process at an address says it is."""
    try:
        async with asyncio.timeout(_CONNECT_SECONDS):
            comm = await connect(address, **security.get_connection_args("client"))
            try:
                identity: Any = await send_recv(comm, op="identity")
            finally:
                comm.abort()
    except TimeoutError:
        raise TimeoutError(f"no greeting in {_CONNECT_SECONDS:g} seconds") from None
    except MemoryError:
        # The first eight bytes are read as a length.
        raise ConnectionError("what answers does not speak Dask's protocol") from None
    return str(identity["type"])
