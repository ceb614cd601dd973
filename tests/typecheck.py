"""The run-time type checker that the import hook puts on every function of the package."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import Any

import jaxtyping
from beartype import BeartypeConf, beartype

# An int is welcome where a float is declared, as PEP 484 says.
_checked = beartype(conf=BeartypeConf(is_pep484_tower=True))


def checked(function: Callable[..., Any]) -> Callable[..., Any]:
    """`function` with its types checked; declarations check their own fields, in sentences.

    Functions within functions are left alone: they are made, and would be compiled, anew at
    every call.
    """
    if "<locals>" in function.__qualname__:
        return function
    strict = _checked(function)
    if function.__name__ != "__init__":
        return strict

    @wraps(strict)
    def unless_declared(self: Any, *args: Any, **given: Any) -> Any:
        from benchmark.declare.fields import Declared

        return None if isinstance(self, Declared) else strict(self, *args, **given)

    return unless_declared


@contextmanager
def unchecked() -> Iterator[None]:
    """Nothing is checked: for thousands of calls that are like those of other tests."""
    jaxtyping.config.update("jaxtyping_disable", True)
    try:
        yield
    finally:
        jaxtyping.config.update("jaxtyping_disable", False)
