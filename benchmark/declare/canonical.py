"""The canonical form of a declaration, from which its stable id is derived."""

import dataclasses
import hashlib
import json
from collections.abc import Iterable, Mapping
from typing import Any

from benchmark.declare.fields import Declared, value_fields


def canonical(thing: Any, whole: bool = False) -> Any:
    """`thing` as plain JSON data: classes by name, and every field that is not at its default.

    With `whole` all fields are written out, for reading. Leaving defaults out lets a
    declaration grow a field without making stored results strangers. A changed default is a
    changed meaning, like any other change of code.
    """
    if dataclasses.is_dataclass(thing) and not isinstance(thing, type):
        fields = {
            field.name: canonical(getattr(thing, field.name), whole)
            for field in dataclasses.fields(thing)
            if whole or not _at_default(field, getattr(thing, field.name))
        }
        return {"kind": type(thing).__name__} | fields
    if isinstance(thing, Mapping):
        return {str(k): canonical(v, whole) for k, v in thing.items()}
    if isinstance(thing, Iterable) and not isinstance(thing, str):
        return [canonical(item, whole) for item in thing]
    if callable(thing):
        return f"{thing.__module__.rpartition('.')[2]}:{thing.__qualname__}"
    return thing


def _at_default(field: "dataclasses.Field[Any]", held: Any) -> bool:
    # Not `is MISSING`: a class of a scenario file travels to workers by value, and with it
    # a copy of MISSING.
    if callable(field.default_factory):
        return held == field.default_factory()
    return type(held) is type(field.default) and held == field.default


def digest(thing: Any, length: int = 12) -> str:
    """Hexadecimal SHA-256 of the canonical form, shortened to `length` characters."""
    text = json.dumps(canonical(thing), sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()[:length]


def shape_digest(declared: Declared) -> str:
    """Digest that is equal for declarations which differ only in value fields."""
    names = dict.fromkeys(value_fields(declared), "traced")
    return digest(declared.bind(names))
