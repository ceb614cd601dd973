"""Errors meant for the person at the keyboard: one clear sentence, never a traceback."""

import os
import traceback
from collections.abc import Callable, Iterable
from difflib import get_close_matches
from pathlib import Path
from typing import Any


class _Sentence(Exception):
    """What says all that a person needs to know."""

    def _render_traceback_(self) -> list[str]:
        """What IPython shows: the sentence, below the line of one's own that led to it."""
        frames = traceback.extract_tb(self.__traceback__)
        # What has no line was made up, such as a dataclass's `__init__`.
        own = [each for each in frames if each.line and not _is_foreign(each.filename)]
        lines = [f"Line {frame.lineno}: {frame.line}" for frame in own[-1:]]
        return [*lines, f"{type(self).__name__}: {self}"]


class UserError(_Sentence):
    """A mistake in what the user gave: says what, where, and what is allowed.

    The command line prints it as one sentence and exits with status 2, a notebook as one
    sentence; library callers can catch it.
    """


class Stopped(_Sentence):
    """A command ended before its work was done, by no mistake of the user's.

    Attributes:
        status: what the command line exits with, after it has printed the sentence.
    """

    def __init__(self, sentence: str, status: int = 1):
        super().__init__(sentence)
        self.status = status


def _is_foreign(filename: str) -> bool:
    from benchmark.declare.source import PACKAGE, is_installed

    path = Path(filename)
    return path.resolve().is_relative_to(PACKAGE) or is_installed(path)


_FEW = 12


def one_of(what: str, value: Any, allowed: Iterable[Any]) -> Any:
    """Return ``value`` if it is among ``allowed``, else raise naming the closest match.

    Raises:
        UserError: `value` is not allowed; the message lists what is.
    """
    choices = list(allowed)
    if value in choices:
        return value
    close = get_close_matches(str(value), [str(c) for c in choices], n=1, cutoff=0.5)
    hint = f" Did you mean {close[0]!r}?" if close else ""
    listed = ", ".join(repr(c) for c in choices)
    if close and len(choices) > _FEW:
        # What was meant comes before a list that nobody reads to its end.
        raise UserError(f"{what} is {value!r}.{hint} It must be one of {listed}.")
    raise UserError(f"{what} is {value!r}, but must be one of {listed}.{hint}")


def require(holds: bool, message: str) -> None:
    """Raise ``UserError(message)`` unless ``holds``."""
    if not holds:
        raise UserError(message)


def told(error: BaseException) -> str:
    """An error of somebody else's code in words: its kind and what it says of itself."""
    try:
        said = str(error)
    except Exception:
        said = "it cannot say why"
    return f"{type(error).__name__}: {said}" if said else type(error).__name__


def own_call(what: str, function: Callable[..., Any], *given: Any) -> Any:
    """What a function of a scenario's author returns for `given`.

    Args:
        what: names the function in the message, such as "The theory of claim 'floor'".
        function: the author's.
        given: its arguments.

    Raises:
        UserError: it raises; the message says what, and in which line of its file.
    """
    try:
        return function(*given)
    except (UserError, KeyboardInterrupt):
        raise
    # Also `sys.exit()`, which must not end the command that asks.
    except BaseException as error:
        code = getattr(function, "__code__", None)
        where = "" if code is None else _line(error, code.co_filename)
        raise UserError(f"{what} fails{where}: {told(error)}") from error


def own_number(what: str, function: Callable[..., Any], *given: Any) -> float:
    """`own_call` for a function that must return a number.

    Raises:
        UserError: it raises, or returns something else.
    """
    returned = own_call(what, function, *given)
    try:
        return float(returned)
    except (TypeError, ValueError, OverflowError) as error:
        raise UserError(f"{what} returns {returned!r}, but must return a number.") from error


def _line(error: BaseException, filename: str) -> str:
    """The last line of a file that an error went through, in brackets."""
    frames = traceback.extract_tb(error.__traceback__)
    lines = [frame.lineno for frame in frames if frame.filename == filename]
    return f" ({os.path.basename(filename)}, line {lines[-1]})" if lines else ""
