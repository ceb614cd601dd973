"""Whether a file is a reference whose parts fit together."""

import json
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from benchmark.store.files import Stored

TABLES = ("measures", "resolutions")
"""Arrays with a number for each measure of every run, and how far rounding moves it."""


def told_by(stored: Stored) -> dict[str, Any]:
    """What a reference says about itself: scale, seeds, conditions, measures and so on."""
    return json.loads(bytes(stored.series["about"]).decode())


def is_reference(stored: Stored, scenario: str, scale: str) -> bool:
    """Whether a file says everything about itself, and its arrays are what it says."""
    try:
        about = told_by(stored)
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
                        "condition": lambda held: isinstance(held, dict),
                        "seconds": lambda held: type(held) in (int, float) and held >= 0,
                        "series": lambda held: (
                            isinstance(held, dict) and all(map(_each(_count), held.values()))
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
    for name, held in stored.series.items():
        if name == "about":
            continue
        kind, *shape = held.dtype.kind, *held.shape
        if name in TABLES:
            fits = (kind, *shape) == ("f", len(about["measures"]), len(conditions), seeds)
        elif name.startswith("recorded."):
            ends = np.where(held < 0, np.iinfo(np.int32).max, held) if kind == "i" else held
            # The recorded epochs in order, filled up with -1.
            fits = kind == "i" and held.ndim == 2 and bool((np.diff(ends) >= 0).all())
        else:
            fits = name.startswith(("kept.", "first.")) and (kind, held.ndim) == ("f", 3)
        if not fits or (name not in TABLES and len(held) != len(conditions)):
            return False
    return "measures" in stored.series or not about["measures"]


def _is(held: Any, fields: Mapping[str, Callable[[Any], bool]]) -> bool:
    return isinstance(held, dict) and all(n in held and ok(held[n]) for n, ok in fields.items())


def _each(ok: Callable[[Any], bool]) -> Callable[[Any], bool]:
    return lambda held: isinstance(held, list) and all(map(ok, held))


def _text(held: Any) -> bool:
    return isinstance(held, str) and held.isprintable()


def _count(held: Any) -> bool:
    return type(held) is int and held >= 0


def _versions(held: Any) -> bool:
    """Whether it is the JSON of names of packages and their versions."""
    try:
        found = json.loads(held) if isinstance(held, str) else None
    except (ValueError, RecursionError):
        return False
    return isinstance(found, dict) and all(map(_text, found.values()))
