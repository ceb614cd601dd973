"""Checked, frozen declarations: the base class of everything a scenario is written in.

A field is either *traced* (a number that a compiled program takes as an argument) or
*static* (it decides array shapes or the program; changing it means compiling again).
"""

import dataclasses
import math
import types
import typing
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal, Self, Union

from benchmark.declare.errors import UserError, one_of

_TRACED = "traced"


@dataclass(frozen=True)
class Limits:
    """Bounds of a number; ``above`` and ``below`` are strict."""

    above: float | None = None
    at_least: float | None = None
    below: float | None = None
    at_most: float | None = None

    def check(self, where: str, number: float) -> None:
        """Raise unless `number` lies inside.

        Raises:
            UserError: naming the field, the number and the bound it breaks.
        """
        rules = (
            (self.above, lambda bound: number > bound, "above"),
            (self.at_least, lambda bound: number >= bound, "at least"),
            (self.below, lambda bound: number < bound, "below"),
            (self.at_most, lambda bound: number <= bound, "at most"),
        )
        for bound, holds, words in rules:
            # Written so that NaN, for which every comparison is false, is refused too.
            if bound is not None and not holds(bound):
                raise UserError(f"{where} is {number!r}, but must be {words} {bound:g}.")
        if isinstance(number, float) and not math.isfinite(number):
            raise UserError(f"{where} is {number!r}, but must be finite.")


def _field(default: Any, limits: Mapping[str, float | None], is_traced: bool) -> Any:
    metadata = {"limits": Limits(**limits), _TRACED: is_traced}
    if default is dataclasses.MISSING:
        return dataclasses.field(metadata=metadata)
    return dataclasses.field(default=default, metadata=metadata)


def traced(default: Any = dataclasses.MISSING, **limits: float | None) -> Any:
    """A number that is data in a lane: sweeping it compiles nothing new."""
    return _field(default, limits, is_traced=True)


def static(default: Any = dataclasses.MISSING, **limits: float | None) -> Any:
    """A setting that decides shapes or the program: each level is compiled on its own."""
    return _field(default, limits, is_traced=False)


_SCALARS = (bool, int, float, str, type(None))
_ACCEPTED: dict[tuple[type, str, type, Any], Any] = {}
"""Class, field, type and value of settings that were checked → what the field then holds."""


@dataclass(frozen=True)
class Declared:
    """Base of all declarations: checks its fields, and can carry traced numbers."""

    def __new__(cls, *given: Any, **named: Any) -> Self:
        """Refuse a name that is no field's before Python does, who would not say which are.

        Raises:
            UserError: with the nearest name, and all there are.
        """
        if named and _generated(cls):
            known = [field.name for field in dataclasses.fields(cls) if field.init]
            for name in named:
                one_of(f"A setting of {cls.__name__}", name, known)
        return super().__new__(cls)

    def __post_init__(self) -> None:
        kind = type(self)
        for field in dataclasses.fields(self):
            given = getattr(self, field.name)
            # A sweep makes the same few settings again and again; 0.0 equals −0.0, though.
            if isinstance(given, _SCALARS) and (given or not isinstance(given, float)):
                key = kind, field.name, type(given), given
                if key not in _ACCEPTED:
                    _ACCEPTED[key] = _check(kind, field, given)
                checked = _ACCEPTED[key]
            else:
                checked = _check(kind, field, given)
            object.__setattr__(self, field.name, checked)

    def bind(self, values: Mapping[str, Any], prefix: str = "") -> Self:
        """A copy in which the traced fields named by dotted path hold `values`.

        The numbers may be JAX tracers, so they are not checked again.
        """
        copy = object.__new__(type(self))
        for field in dataclasses.fields(self):
            path = f"{prefix}{field.name}"
            held = getattr(self, field.name)
            if isinstance(held, Declared):
                held = held.bind(values, f"{path}.")
            object.__setattr__(copy, field.name, values.get(path, held))
        return copy


def _check(kind: type, field: "dataclasses.Field[Any]", given: Any) -> Any:
    where = f"{kind.__name__}.{field.name}"
    accepted = _accept(where, given, field_types(kind)[field.name])
    if isinstance(accepted, int | float) and "limits" in field.metadata:
        limits_of(field).check(where, accepted)
    return accepted


def limits_of(field: "dataclasses.Field[Any]") -> Limits:
    """The bounds of a declaration's field; none if it was declared without."""
    return field.metadata.get("limits", Limits())


@cache
def _generated(cls: type) -> bool:
    """Whether the fields of a class are what it is made from: `__init__` is a dataclass's."""
    made_by = next(each for each in cls.__mro__ if "__init__" in vars(each))
    parameters = vars(made_by).get("__dataclass_params__")
    return parameters is not None and parameters.init


@cache
def field_types(cls: type) -> dict[str, Any]:
    """The resolved annotation of every field of a declaration class."""
    return typing.get_type_hints(cls)


def traced_fields(declared: Declared, prefix: str = "") -> dict[str, float]:
    """Dotted path → number of every traced field; one that is None is switched off."""
    found: dict[str, float] = {}
    for field in dataclasses.fields(declared):
        held = getattr(declared, field.name)
        if isinstance(held, Declared):
            found |= traced_fields(held, f"{prefix}{field.name}.")
        elif field.metadata.get(_TRACED) and held is not None:
            found[f"{prefix}{field.name}"] = held
    return found


def _accept(where: str, given: Any, kind: Any) -> Any:
    """`given` converted to what `kind` keeps (an int for a float field becomes a float)."""
    origin = typing.get_origin(kind)
    if kind is Any or isinstance(kind, typing.TypeVar):
        return given
    if origin in (Union, types.UnionType):
        return _accept_union(where, given, typing.get_args(kind))
    if origin is Literal:
        return one_of(where, given, typing.get_args(kind))
    if origin is tuple:
        return _accept_tuple(where, given, typing.get_args(kind))
    if kind is float and isinstance(given, int) and not isinstance(given, bool):
        return float(given)
    plain = origin or kind
    if plain is Callable or plain is typing.get_origin(Callable[..., Any]):
        if callable(given):
            return given
    elif isinstance(plain, type):
        if isinstance(given, plain) and not (plain is int and isinstance(given, bool)):
            return given
        if getattr(plain, "_is_protocol", False):
            return given
    raise UserError(f"{where} is {given!r}, but must be {describe(kind)}.")


def _accept_union(where: str, given: Any, kinds: tuple[Any, ...]) -> Any:
    for kind in kinds:
        try:
            return _accept(where, given, kind)
        except UserError:
            continue
    raise UserError(f"{where} is {given!r}, but must be {' or '.join(map(describe, kinds))}.")


def _accept_tuple(where: str, given: Any, kinds: tuple[Any, ...]) -> tuple[Any, ...]:
    if not isinstance(given, tuple | list):
        raise UserError(f"{where} is {given!r}, but must be a tuple.")
    if len(kinds) == 2 and kinds[1] is Ellipsis:
        kinds = (kinds[0],) * len(given)
    if len(kinds) != len(given):
        raise UserError(f"{where} is {given!r}, but must have {len(kinds)} items.")
    return tuple(
        _accept(f"{where}[{i}]", g, k)
        for i, (g, k) in enumerate(zip(given, kinds, strict=True))
    )


def describe(kind: Any) -> str:
    """A type in the words of a user: ``float`` → "a number"."""
    names = {
        float: "a number",
        int: "a whole number",
        bool: "true or false",
        str: "a text",
        type(None): "none",
    }
    if kind in names:
        return names[kind]
    origin, args = typing.get_origin(kind), typing.get_args(kind)
    if origin is Literal:
        return " or ".join(repr(a) for a in args)
    if origin is tuple:
        return f"a tuple of {describe(args[0]).removeprefix('a ')}s"
    if origin in (Union, types.UnionType):
        return " or ".join(describe(a) for a in args)
    name = getattr(kind, "__name__", str(kind))
    return f"{'an' if name[0] in 'AEIOU' else 'a'} {name}"
