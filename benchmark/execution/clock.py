"""How long a run will still take, from what was heard of its pieces so far."""

import math
import time
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import Literal, NamedTuple, TypeAlias

from benchmark.declare.effort import COMPILE_SECONDS, UNITS_PER_SECOND

Phase: TypeAlias = Literal["starting workers", "compiling", "training"]

START_SECONDS = 4.0
"""What starting workers takes, before any has said a word."""
_BELIEF = 1.0
"""The declared rates count as so many seconds of training seen, and as one compilation."""


class Outlook(NamedTuple):
    """What is to be expected of a run.

    Attributes:
        phase: what most workers are at.
        seconds: until it ends.
    """

    phase: Phase
    seconds: float


@dataclass
class _Piece:
    worker: str
    group: Hashable
    units: float
    heard: float
    share: float = 0.0
    compiled: bool = False


class Clock:
    """Compilation and training are told apart: their times have nothing to do with each other.

    A worker compiles once for every group of conditions; all else of its time is training.
    Until something was seen, the declared efforts are believed.

    Attributes:
        workers: how many there are now.
    """

    def __init__(
        self,
        waiting: dict[Hashable, float],
        workers: int,
        now: Callable[[], float] = time.monotonic,
    ):
        """Begin with everything still to be done.

        Args:
            waiting: group → units of effort.
            workers: how many will share it.
            now: seconds.
        """
        self._waiting, self.workers, self._now = dict(waiting), max(1, workers), now
        self._began = now()
        self._pieces: dict[int, _Piece] = {}
        self._known: set[tuple[str, Hashable]] = set()
        self._trained_units = _BELIEF * UNITS_PER_SECOND
        self._trained_seconds = _BELIEF
        self._compiled, self._compile_seconds = 1.0, COMPILE_SECONDS

    @property
    def rate(self) -> float:
        """Units per second of one worker while it trains."""
        return self._trained_units / self._trained_seconds

    def handed(self, number: int, worker: str, group: Hashable, units: float) -> None:
        """A worker was given a piece."""
        self._waiting[group] = max(0.0, self._waiting.get(group, 0.0) - units)
        known = (worker, group) in self._known
        self._pieces[number] = _Piece(worker, group, units, self._now(), compiled=known)

    def heard(self, number: int, share: float) -> None:
        """So much of a piece is done, between 0 and 1."""
        piece, now = self._pieces[number], self._now()
        units, passed = (share - piece.share) * piece.units, now - piece.heard
        if units <= 0:
            return
        if piece.compiled:
            self._trained_units += units
            self._trained_seconds += passed
        else:
            # What it took beyond training was spent before the first word of it; of the rate
            # that word says nothing.
            self._compiled += 1
            self._compile_seconds += max(0.0, passed - units / self.rate)
            piece.compiled = True
            self._known.add((piece.worker, piece.group))
        piece.heard, piece.share = now, share

    def done(self, number: int) -> None:
        """A piece is finished, or has failed and will not be heard of again."""
        self.heard(number, 1.0)
        del self._pieces[number]

    def dropped(self, number: int) -> None:
        """A piece was taken back, and waits again."""
        piece = self._pieces.pop(number)
        self._waiting[piece.group] = self._waiting.get(piece.group, 0.0) + piece.units

    def outlook(self) -> Outlook:
        """What is to be expected now."""
        compiling = self._compile_seconds / self._compiled
        waiting = {group: units for group, units in self._waiting.items() if units > 0}
        if not self._pieces and not self._known:
            starting = max(0.0, START_SECONDS - (self._now() - self._began))
            work = sum(waiting.values()) / self.rate / self.workers
            work += compiling * math.ceil(len(waiting) / self.workers)
            return Outlook("starting workers", starting + work)
        each: dict[str, float] = {}
        for piece in self._pieces.values():
            passed = self._now() - piece.heard
            left = (1 - piece.share) * piece.units / self.rate
            if not piece.compiled:
                left += max(0.0, compiling - passed)
            else:
                # What was trained since it was last heard of.
                left = max(0.0, left - passed)
            each[piece.worker] = each.get(piece.worker, 0.0) + left
        total = sum(each.values()) + sum(waiting.values()) / self.rate
        # A group that some worker is at is gone on with by that one; of fewer others than
        # workers, several compile the same.
        others = len(waiting.keys() - {piece.group for piece in self._pieces.values()})
        training = any(piece.compiled for piece in self._pieces.values())
        seconds = max(total / self.workers, max(each.values(), default=0.0))
        seconds += compiling * math.ceil(others / self.workers)
        return Outlook("training" if training else "compiling", seconds)
