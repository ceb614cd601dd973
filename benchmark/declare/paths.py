"""Reading and replacing settings by dotted path, such as ``optimizer.learning_rate``."""

import dataclasses
import math
import types
import typing
from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from typing import Any, Literal, TypeVar

from benchmark.declare.errors import UserError, one_of
from benchmark.declare.fields import Declared, describe, field_types

D = TypeVar("D", bound=Declared)


def _names(declared: Declared) -> list[str]:
    return [field.name for field in dataclasses.fields(declared)]


def get(declared: Declared, path: str) -> Any:
    """The setting at `path`.

    Raises:
        UserError: no such setting; names the ones there are.
    """
    held: Any = declared
    for name in path.split("."):
        if not isinstance(held, Declared):
            raise UserError(f"There is no setting {path!r}: {held!r} has no parts.")
        if name not in _names(held):
            _suggest(declared, path)
        one_of(f"A part of the setting {path!r}", name, _names(held))
        held = getattr(held, name)
    return held


def _suggest(declared: Declared, path: str) -> None:
    """Raise with the settings that end as `path` does, if there are any."""
    last = path.rpartition(".")[2]
    meant = [known for known, _ in flatten(declared) if known.rpartition(".")[2] == last]
    if "." in path:
        meant = get_close_matches(path, meant, n=1, cutoff=0.0)
    if meant:
        listed = " or ".join(repr(each) for each in meant)
        raise UserError(f"There is no setting {path!r}. Did you mean {listed}?")


def with_settings(declared: D, settings: Mapping[str, Any], prefix: str = "") -> D:
    """A copy with the settings at the given paths replaced, and checked when all are.

    A part may be replaced together with settings of the new one. `prefix` is what stands
    before the paths in messages.

    Raises:
        UserError: a path does not exist or a value is not allowed there.
    """
    whole: dict[str, Any] = {}
    inner: dict[str, dict[str, Any]] = {}
    for path, new in settings.items():
        name, _, rest = path.partition(".")
        one_of(f"A part of the setting {prefix + path!r}", name, _names(declared))
        if rest:
            inner.setdefault(name, {})[rest] = new
        else:
            whole[name] = new
    for name, changes in inner.items():
        part = whole.get(name, getattr(declared, name))
        if not isinstance(part, Declared):
            path = f"{prefix}{name}.{next(iter(changes))}"
            raise UserError(f"There is no setting {path!r}: {name} has no parts.")
        whole[name] = with_settings(part, changes, f"{prefix}{name}.")
    return dataclasses.replace(declared, **whole) if whole else declared


def flatten(declared: Declared, prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Every scalar setting with its dotted path; a part is named by its class."""
    for field in dataclasses.fields(declared):
        held, path = getattr(declared, field.name), f"{prefix}{field.name}"
        if isinstance(held, Declared):
            yield path, type(held).__name__
            yield from flatten(held, f"{path}.")
        elif isinstance(held, tuple) and len(held) == 1 and isinstance(held[0], int | float):
            yield path, held[0]
        elif isinstance(held, tuple):
            yield path, "-".join(getattr(item, "name", None) or str(item) for item in held)
        elif held is None or isinstance(held, str | int | float | bool):
            yield path, held
        else:
            yield path, getattr(held, "__name__", type(held).__name__)


def parse(declared: Declared, path: str, text: str) -> Any:
    """`text` read as a value for the setting at `path`; never evaluated as code.

    Raises:
        UserError: the path does not exist or the text does not fit its type.
    """
    parent_path, _, name = path.rpartition(".")
    parent = get(declared, parent_path) if parent_path else declared
    held = get(declared, path)
    kind = field_types(type(parent))[name]
    for option in _options(kind):
        parsed = _parse_as(option, text)
        if parsed is not None:
            return parsed[0]
    if isinstance(held, Declared):
        inner = next((known for known, _ in flatten(held, f"{path}.")), path)
        raise UserError(
            f"--set {path}={text}: {path} is a part, which only a scenario file can replace, "
            f"as in vary={{{path!r}: (…, …)}}; its own settings can be set, such as {inner}."
        )
    raise UserError(f"--set {path}={text}: the value must be {describe(kind)}.")


def _options(kind: Any) -> tuple[Any, ...]:
    if typing.get_origin(kind) in (typing.Union, types.UnionType):
        return typing.get_args(kind)
    return (kind,)


def _parse_as(kind: Any, text: str) -> tuple[Any] | None:
    """The parsed value in a 1-tuple, or None if `text` is not of that kind."""
    origin, args = typing.get_origin(kind), typing.get_args(kind)
    words = {"true": True, "false": False}
    if kind is bool:
        return (words[text.lower()],) if text.lower() in words else None
    if kind is type(None):
        return (None,) if text.lower() == "none" else None
    if origin is Literal:
        return next(((a,) for a in args if str(a) == text), None)
    if origin is tuple:
        items = [_parse_as(args[0], item.strip()) for item in text.strip("()").split("-")]
        return None if None in items else (tuple(item[0] for item in items if item),)
    if kind in (int, float):
        try:
            number = kind(text)
            return (number,) if math.isfinite(number) else None
        except (ValueError, OverflowError):
            return None
    return (text,) if kind is str else None
