"""Progress with time left: on a terminal, in a notebook, or in a log."""

import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TextIO

from benchmark.declare.errors import Stopped
from benchmark.declare.scenario import Resolved
from benchmark.execution.clock import Outlook
from benchmark.execution.run import Listener
from benchmark.store.blocks import Block
from benchmark.workbench.notebook import in_notebook

_PAUSES = ((60.0, 5.0), (600.0, 15.0))
"""Until so many seconds have passed, a log has a line every so many; every minute after."""
_MINUTE = 60.0
_SOON = 1.0


@contextmanager
def shown_progress(root: Path, scenarios: Sequence[Resolved]) -> Iterator[Listener]:
    """A listener that shows progress; says what is kept if the run does not come to its end.

    Raises:
        Stopped: by Ctrl-C, with status 130, or by what stopped the run.
    """
    live = sys.stderr.isatty()
    shown = _Cell() if in_notebook() else _Bar() if live else _Lines()
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


def shown_steps(names: Sequence[str], doing: str) -> Iterator[str]:
    """The names one after the other; says on standard error at which it is.

    On a terminal one line, that goes away at the end; in a log a line now and then.

    Args:
        names: of scenarios, figures, files.
        doing: "drawing", "reading".
    """
    live, told = sys.stderr.isatty(), time.monotonic()
    for place, name in enumerate(names, 1):
        now = time.monotonic()
        if live or now - told >= _PAUSES[0][1]:
            told = now
            count = f" {place}/{len(names)}" if len(names) > 1 else ""
            end = "" if live else "\n"
            print(f"{doing}{count} {name}", end=end, file=sys.stderr, flush=True)
        try:
            yield name
        finally:
            if live:
                _erase()


def print_meanwhile(text: str, file: TextIO | None = None) -> None:
    """Print while `shown_steps` may be at work: in the place of its line, not behind it.

    Args:
        text: what is printed.
        file: default: standard output.
    """
    if sys.stderr.isatty():
        _erase()
    # A notebook shows standard error as if something were wrong.
    print(text, file=None if in_notebook() else file, flush=True)


def _erase() -> None:
    print("\r\x1b[K", end="", file=sys.stderr, flush=True)


def duration(seconds: float) -> str:
    """Seconds as people say them: "about 40 s", "about 3 min", "about 2.5 h"."""
    if seconds < 90:
        return f"about {seconds:.0f} s"
    minutes = seconds / _MINUTE
    return f"about {minutes:.0f} min" if minutes < 90 else f"about {minutes / 60:.1f} h"


class _Counted:
    """Counts what is done."""

    def __init__(self) -> None:
        self.total, self.done, self.blocks, self.blocks_done = 1.0, 0.0, 0, 0
        self._outlook: Outlook | None = None

    def begin(self, total: float, blocks: int) -> None:
        self.total, self.blocks = total, blocks

    def advance(self, amount: float) -> None:
        self.done += amount
        self._show()

    def expect(self, outlook: Outlook) -> None:
        self._outlook = outlook
        self._show()

    def stored(self, block: Block) -> None:
        self.blocks_done += 1
        self._show()

    @property
    def words(self) -> str:
        """What is done and what is going on."""
        phase = self._outlook.phase if self._outlook else "starting workers"
        return f"{self.blocks_done}/{self.blocks} blocks, {phase}"

    @property
    def left(self) -> str:
        """Time left in words, once it can be told."""
        return f"{duration(self._outlook.seconds)} left" if self._outlook else ""

    def _show(self) -> None:
        """Let it be seen."""


class _Lines(_Counted):
    """A line every few seconds, for logs."""

    def __init__(self) -> None:
        super().__init__()
        self._started = self._last = time.monotonic()
        self._said = -1

    def tell(self, message: str) -> None:
        print(message, file=sys.stderr, flush=True)

    def close(self) -> None:
        """Nothing to put away."""

    def _show(self) -> None:
        now = time.monotonic()
        passed = now - self._started
        pause = next((pause for until, pause in _PAUSES if passed < until), _MINUTE)
        # The last word is always said, and the first one soon: many a run ends at once.
        ended = self.blocks_done == self.blocks > self._said
        if now - self._last < (pause if self._said >= 0 else _SOON) and not ended:
            return
        self._last, self._said = now, self.blocks_done
        share = 1.0 if ended else min(1.0, self.done / self.total)
        said = f"{self.blocks} blocks stored" if ended else f"{self.words}, {self.left}"
        print(f"{share:4.0%}  {said}", file=sys.stderr, flush=True)


class _Cell(_Counted):
    """A bar below a cell of a notebook; at the end it says what was done, and stays."""

    _PAUSE = 0.2

    def __init__(self) -> None:
        super().__init__()
        self._started = self._last = time.monotonic()
        self._seen: Any = None
        self._took: float | None = None

    def begin(self, total: float, blocks: int) -> None:
        super().begin(total, blocks)
        from IPython.display import display

        self._seen = display(self, display_id=True)

    def tell(self, message: str) -> None:
        print(message)

    def close(self) -> None:
        self._took = time.monotonic() - self._started
        if self._seen is not None:
            self._seen.update(self)

    def _show(self) -> None:
        now = time.monotonic()
        if self._seen is not None and now - self._last >= self._PAUSE:
            self._last = now
            self._seen.update(self)

    def __repr__(self) -> str:
        if self._took is None:
            return f"{self.words}, {self.left}"
        some = "" if self.blocks_done == self.blocks else f" of {self.blocks}"
        return f"{self.blocks_done}{some} blocks stored in {self._took:.0f} s"

    def _repr_html_(self) -> str:
        if self._took is not None:
            return f"<p>{self!r}</p>"
        share = min(1.0, self.done / self.total)
        return f'<p><progress value="{share:.3f}" style="width: 20em"></progress> {self!r}</p>'


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
        self._task = self._progress.add_task(self.words, total=total, left="")

    def tell(self, message: str) -> None:
        self._progress.console.print(message, markup=False)

    def close(self) -> None:
        """Leave the bar as it stands."""
        self._progress.stop()

    def _show(self) -> None:
        if self._task is not None:
            self._progress.update(
                self._task, completed=self.done, description=self.words, left=self.left
            )
