"""Hands pieces of work to workers, watches over them, and gives the results back."""

import time
import traceback
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from queue import Empty, SimpleQueue
from types import TracebackType
from typing import Any, cast

import cloudpickle
from distributed import CancelledError, Future
from distributed.comm.core import CommClosedError

from benchmark.declare.errors import Stopped, UserError, told
from benchmark.execution.clock import Clock, Outlook
from benchmark.execution.cluster import Workers
from benchmark.execution.plan import Queue, cost, steps
from benchmark.execution.worker import PROGRESS, Finished, compute_in_cluster
from benchmark.store.blocks import Block

_TRIES = 2
_CONNECTION_LOST = "scheduler-connection-lost"
"""What Dask gives as the reason when it cancels all work because the scheduler is gone."""


@dataclass(frozen=True)
class Failed:
    """Blocks that could not be computed, and why in one sentence."""

    blocks: tuple[Block, ...]
    reason: str
    is_user_error: bool


@dataclass
class _Piece:
    blocks: tuple[Block, ...]
    worker: str
    future: Future
    heard: float = field(default_factory=time.monotonic)
    tries: int = 1
    steps: int = 0
    reported: float = 0.0


class Dispatcher:
    """One piece at a time for every worker; a dead or silent worker's piece is retried."""

    def __init__(
        self,
        workers: Workers,
        patience: float,
        clock: Clock,
        progress: Callable[[float], None],
        expect: Callable[[Outlook], None],
    ):
        """Use workers.

        Args:
            workers: who computes.
            patience: seconds of silence after which a worker is restarted.
            clock: is told of every piece.
            progress: hears how many units of effort are done more.
            expect: hears, every second or so, how long it will take.
        """
        self._workers, self._patience, self._clock = workers, patience, clock
        self._progress, self._expect = progress, expect
        self._news: SimpleQueue[tuple[str, Any]] = SimpleQueue()
        self._pieces: dict[int, _Piece] = {}
        self._started = 0

    def __call__(self, blocks: Sequence[Block]) -> Iterator[list[Finished] | Failed]:
        """Yield what becomes of the blocks, piece by piece, in the order of finishing.

        Raises:
            UserError: there are no workers.
            Stopped: the scheduler was lost.
        """
        try:
            yield from self._work(Queue(blocks))
        except Exception as error:
            if isinstance(error, UserError) or not self._lost(error):
                raise
            raise Stopped(f"The Dask scheduler at {self._workers.address} was lost.") from error

    def _lost(self, error: Exception) -> bool:
        """Whether an error means that the scheduler is gone; any call may meet it first."""
        if isinstance(error, CancelledError):
            return getattr(error, "reason", "") == _CONNECTION_LOST
        closed = isinstance(error, CommClosedError | ConnectionError)
        return closed or self._workers.client.status != "running"

    def _work(self, queue: Queue) -> Iterator[list[Finished] | Failed]:
        client = self._workers.client
        client.subscribe_topic(PROGRESS, lambda event: self._news.put(("progress", event[1])))
        try:
            client.wait_for_workers(1, timeout=60)
        except TimeoutError as error:
            raise UserError("The Dask scheduler has had no workers for 60 seconds.") from error
        try:
            while queue or self._pieces:
                self._hand_out(queue)
                self._expect(self._clock.outlook())
                kind, what = self._listen()
                if kind == "progress":
                    self._hear(what)
                elif kind == "done" and what in self._pieces:
                    piece = self._pieces.pop(what)
                    self._clock.done(what)
                    self._report(piece, 1.0)
                    yield self._collect(piece)
                # While there is news, some of the silent may yet be heard.
                if self._news.empty():
                    yield from self._watch()
        finally:
            # A lost scheduler would be waited for.
            if client.status == "running":
                client.cancel([piece.future for piece in self._pieces.values()], force=True)
                client.unsubscribe_topic(PROGRESS)

    def _listen(self) -> tuple[str, Any]:
        """The next piece of news, or after a second that there is none."""
        try:
            return self._news.get(timeout=1.0)
        except Empty:
            return "silence", None

    def _hand_out(self, queue: Queue) -> None:
        busy = {piece.worker for piece in self._pieces.values()}
        # Asked anew each time: a worker that died comes back under another address.
        present = self._workers.client.scheduler_info(n_workers=-1)["workers"]
        self._clock.workers = max(1, len(present))
        for worker in present:
            if worker not in busy:
                blocks = queue.take(worker, wide=self._workers.default.kind == "gpu")
                if blocks:
                    self._submit(worker, blocks)

    def _submit(self, worker: str, blocks: tuple[Block, ...], tries: int = 1) -> None:
        number = self._started
        self._started += 1
        places, default = self._workers.places, self._workers.default
        future = self._workers.client.submit(
            compute_in_cluster,
            number,
            cloudpickle.dumps(blocks),
            places,
            default,
            workers=[worker],
            allow_other_workers=True,
            pure=False,
        )
        self._pieces[number] = _Piece(blocks, worker, future, tries=tries)
        self._clock.handed(number, worker, blocks[0].condition.group, cost(blocks))
        future.add_done_callback(lambda _: self._news.put(("done", number)))

    def _hear(self, event: dict[str, int]) -> None:
        piece = self._pieces.get(event["piece"])
        if piece is not None:
            piece.heard = time.monotonic()
            piece.steps += event["steps"]
            share = min(1.0, piece.steps / steps(piece.blocks))
            self._clock.heard(event["piece"], share)
            self._report(piece, share)

    def _report(self, piece: _Piece, share: float) -> None:
        """Tell of progress up to `share` of a piece, never of the same part twice."""
        if share > piece.reported:
            self._progress((share - piece.reported) * cost(piece.blocks))
            piece.reported = share

    def _collect(self, piece: _Piece) -> list[Finished] | Failed:
        try:
            error = piece.future.exception()
        except CancelledError as cancelled:
            if self._lost(cancelled):
                raise
            return Failed(piece.blocks, "somebody cancelled it at the Dask scheduler", False)
        if error is None:
            made = piece.future.result()
            return [Finished(b, *how) for b, how in zip(piece.blocks, made, strict=True)]
        if isinstance(error, UserError):
            return Failed(piece.blocks, str(error), True)
        where = _innermost(piece.future)
        return Failed(piece.blocks, f"{told(cast(BaseException, error))}{where}", False)

    def _watch(self) -> Iterator[Failed]:
        """Restart the worker of a piece that has been silent for too long."""
        now = time.monotonic()
        for number, piece in list(self._pieces.items()):
            if now - piece.heard < self._patience:
                continue
            del self._pieces[number]
            self._clock.dropped(number)
            self._workers.client.cancel([piece.future], force=True)
            self._restart(piece)
            if piece.tries < _TRIES:
                self._submit(piece.worker, piece.blocks, piece.tries + 1)
            else:
                yield Failed(
                    piece.blocks,
                    f"no progress for {self._patience:g} seconds, {_TRIES} times; given up",
                    False,
                )

    def _restart(self, piece: _Piece) -> None:
        held = self._workers.client.scheduler_info(n_workers=-1)["workers"]
        # Only a nanny can start its worker again.
        if held.get(piece.worker, {}).get("nanny"):
            self._workers.client.restart_workers(
                [piece.worker], timeout=60, raise_for_error=False
            )


def _innermost(future: Future) -> str:
    """Place in the source where a worker's exception arose."""
    frames = traceback.extract_tb(cast(TracebackType | None, future.traceback()))
    return f" ({frames[-1].filename}, line {frames[-1].lineno})" if frames else ""
