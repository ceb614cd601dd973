"""Errors meant for the person at the keyboard: one clear sentence, never a traceback."""

from collections.abc import Iterable
from difflib import get_close_matches
from typing import Any


class UserError(Exception):
    """A mistake in what the user gave: says what, where, and what is allowed.

    The command line prints it as one sentence and exits with status 2; library
    callers can catch it.
    """


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
    raise UserError(f"{what} is {value!r}, but must be one of {listed}.{hint}")


def require(holds: bool, message: str) -> None:
    """Raise ``UserError(message)`` unless ``holds``."""
    if not holds:
        raise UserError(message)
