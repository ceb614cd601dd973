"""Whether a file is a reference whose parts fit together."""

import json
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from benchmark.store.files import Stored

TABLES = ("measures", "resolutions")
"""Arrays with a number for each measure of every run, and how far rounding moves it."""


def read_about(stored: Stored) -> dict[str, Any]:
    """What a reference says about itself: scale, seeds, conditions, measures and so on."""
    return json.loads(bytes(stored.series["about"]).decode())


def is_reference(stored: Stored, scenario: str, scale: str) -> bool:
    """Whether a file says everything about itself, and its arrays are what it says."""
    try:
        about = read_about(stored)
    except (KeyError, ValueError, RecursionError):
        return False
    return (
        _says_all(about)
        and (about["scenario"], about["scale"]) == (scenario, scale)
        and stored.seeds.dtype.kind == "i"
        and stored.seeds.shape == (about["seeds"],)
        and _fits(about, stored)
    )


def _says_all(about: Any) -> bool:
    return _is(
        about,
        {
            "scenario": _text,
            "scale": _text,
            "version": _count,
            "seeds": _count,
            "devices": _each(_text),
            "code": _each(_text),
            "versions": _each(_versions),
            "measures": _each(lambda m: _is(m, {"name": _text, "of": _each(_text)})),
            "conditions": _each(
                lambda c: _is(
                    c,
                    {
                        "id": _text,
                        "condition": lambda value: isinstance(value, dict),
                        "seconds": lambda value: type(value) in (int, float) and value >= 0,
                        "series": lambda value: (
                            isinstance(value, dict) and all(map(_each(_count), value.values()))
                        ),
                    },
                )
            ),
        },
    )


def _fits(about: Mapping[str, Any], stored: Stored) -> bool:
    """Whether tables are [measure, condition, run], and sketches [condition, …]."""
    conditions, seeds = about["conditions"], len(stored.seeds)
    if len({each["id"] for each in conditions}) < len(conditions):
        return False
    for name, array in stored.series.items():
        if name == "about":
            continue
        kind, *shape = array.dtype.kind, *array.shape
        if name in TABLES:
            fits = (kind, *shape) == ("f", len(about["measures"]), len(conditions), seeds)
        elif name.startswith("recorded."):
            ends = np.where(array < 0, np.iinfo(np.int32).max, array) if kind == "i" else array
            # The recorded epochs in order, filled up with -1.
            fits = kind == "i" and array.ndim == 2 and bool((np.diff(ends) >= 0).all())
        else:
            fits = name.startswith(("kept.", "first.")) and (kind, array.ndim) == ("f", 3)
        if not fits or (name not in TABLES and len(array) != len(conditions)):
            return False
    return "measures" in stored.series or not about["measures"]


def _is(value: Any, fields: Mapping[str, Callable[[Any], bool]]) -> bool:
    return isinstance(value, dict) and all(
        n in value and ok(value[n]) for n, ok in fields.items()
    )


def _each(ok: Callable[[Any], bool]) -> Callable[[Any], bool]:
    return lambda value: isinstance(value, list) and all(map(ok, value))


def _text(value: Any) -> bool:
    return isinstance(value, str) and value.isprintable()


def _count(value: Any) -> bool:
    return type(value) is int and value >= 0


def _versions(value: Any) -> bool:
    """Whether it is the JSON of names of packages and their versions."""
    try:
        content = json.loads(value) if isinstance(value, str) else None
    except (ValueError, RecursionError):
        return False
    return isinstance(content, dict) and all(map(_text, content.values()))
