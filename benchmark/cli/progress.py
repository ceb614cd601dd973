"""Progress with time left, on a terminal or in a log."""

import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from benchmark.declare.errors import Stopped
from benchmark.declare.scenario import Resolved
from benchmark.execution.run import Listener
from benchmark.store.blocks import Block

_SECONDS_BETWEEN_LINES = 5.0


@contextmanager
def shown_progress(root: Path, scenarios: Sequence[Resolved]) -> Iterator[Listener]:
    """A listener that shows progress; says what is kept if the run does not come to its end.

    Raises:
        Stopped: by Ctrl-C, with status 130, or by what stopped the run.
    """
    shown: _Bar | _Lines = _Bar() if sys.stderr.isatty() else _Lines()
    try:
        yield shown
    except (KeyboardInterrupt, Stopped) as stop:
        said = str(stop) if isinstance(stop, Stopped) else "Interrupted."
        folders = " ".join(str(root / each.scenario.name) for each in scenarios)
        raise Stopped(
            f"{said} {shown.blocks_done} of {shown.blocks} blocks of this run are stored and "
            f"kept in {folders}; the same command goes on from there.",
            stop.status if isinstance(stop, Stopped) else 130,
        ) from None
    finally:
        shown.close()


class _Counted:
    """Counts what is done."""

    def __init__(self) -> None:
        self.total, self.done, self.blocks, self.blocks_done = 1.0, 0.0, 0, 0
        self.started = time.monotonic()

    def begin(self, total: float, blocks: int) -> None:
        self.total, self.blocks = total, blocks
        self.started = time.monotonic()

    def advance(self, amount: float) -> None:
        self.done += amount

    def stored(self, block: Block) -> None:
        self.blocks_done += 1

    def left(self) -> str:
        """Time left in words."""
        if self.done <= 0:
            return "estimating time left"
        seconds = (time.monotonic() - self.started) * max(0.0, self.total / self.done - 1)
        if seconds >= 90:
            return f"about {seconds / 60:.0f} min left"
        return f"about {seconds:.0f} s left"


class _Lines(_Counted):
    """A line every few seconds, for logs."""

    def __init__(self) -> None:
        super().__init__()
        self._last = time.monotonic()

    def advance(self, amount: float) -> None:
        super().advance(amount)
        self._line()

    def stored(self, block: Block) -> None:
        super().stored(block)
        self._line()

    def tell(self, message: str) -> None:
        print(message, file=sys.stderr, flush=True)

    def close(self) -> None:
        """Nothing to put away."""

    def _line(self) -> None:
        now = time.monotonic()
        if now - self._last < _SECONDS_BETWEEN_LINES and self.blocks_done < self.blocks:
            return
        self._last = now
        share = min(1.0, self.done / self.total)
        print(
            f"{share:4.0%}  {self.blocks_done}/{self.blocks} blocks, {self.left()}",
            file=sys.stderr,
            flush=True,
        )


class _Bar(_Counted):
    """A bar that fills."""

    def __init__(self) -> None:
        super().__init__()
        from rich.console import Console
        from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

        self._progress = Progress(
            TextColumn("{task.description}"),
            BarColumn(bar_width=None),
            TextColumn("{task.percentage:>3.0f} %  {task.fields[left]}"),
            TimeElapsedColumn(),
            console=Console(stderr=True),
        )
        self._task: Any = None

    def begin(self, total: float, blocks: int) -> None:
        super().begin(total, blocks)
        self._progress.start()
        self._task = self._progress.add_task("starting workers", total=total, left="")

    def advance(self, amount: float) -> None:
        super().advance(amount)
        self._show()

    def stored(self, block: Block) -> None:
        super().stored(block)
        self._show()

    def tell(self, message: str) -> None:
        self._progress.console.print(message, markup=False)

    def close(self) -> None:
        """Leave the bar as it stands."""
        self._progress.stop()

    def _show(self) -> None:
        if self._task is not None:
            words = f"{self.blocks_done}/{self.blocks} blocks"
            self._progress.update(
                self._task, completed=self.done, description=words, left=self.left()
            )
