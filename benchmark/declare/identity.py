"""What makes two things the same: settings, compiled programs, code, and figures.

- A *condition* is known by the digest of its `canonical` form, in which classes have names:
  it must outlive processes, machines and edits.
- A compiled *program* is known by its `Template`: the settings it is built from, and nothing
  else can be read by it. Classes are compared as objects there and never by name, so that two
  files may each define a `Mine`, and a cell of a notebook may be run again.
- *Results* are stored with `code_digest`: of the package's code that makes them, and of the
  user's own classes and functions in the condition.
- *Figures* are drawn anew when their `figure_digest` has changed.
"""

import dataclasses
import functools
import hashlib
import json
import sys
import types
from collections.abc import Collection, Hashable, Iterable, Iterator, Mapping
from functools import lru_cache
from operator import attrgetter
from pathlib import Path
from typing import Any

from benchmark.declare.errors import require
from benchmark.declare.fields import Declared, traced_fields
from benchmark.declare.source import (
    PACKAGE,
    Definition,
    own_code,
    package_code,
    package_files,
)

# --- settings -----------------------------------------------------------------------------


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
    if isinstance(thing, functools.partial):
        return canonical([thing.func, thing.args, thing.keywords], whole)
    if callable(thing):
        named = thing if hasattr(thing, "__qualname__") else type(thing)
        return f"{named.__module__.rpartition('.')[2]}:{named.__qualname__}"
    return thing


def _at_default(field: "dataclasses.Field[Any]", held: Any) -> bool:
    # Not `is MISSING`: a class of a scenario file travels to workers by value, and with it
    # a copy of MISSING.
    if callable(field.default_factory):
        return held == field.default_factory()
    return type(held) is type(field.default) and held == field.default


def condition_id(condition: Declared) -> str:
    """Stable name of a condition: the digest of its canonical form.

    Raises:
        UserError: it holds a function without a name of its own, by which it could be told
            from another.
    """
    text = _text_of(condition)
    for each in definitions(condition) if "<" in text else ():
        require(
            isinstance(each, type) or "<" not in each.__qualname__,
            f"A condition holds {each.__qualname__!r} of {each.__module__!r}, but must hold "
            "functions that are defined by name at the top of their file: their names are all "
            "that tells two conditions apart.",
        )
    return _shortened(text, 12)


def digest(thing: Any, length: int = 12) -> str:
    """Hexadecimal SHA-256 of the canonical form, shortened to `length` characters."""
    return _shortened(_text_of(thing), length)


def _text_of(thing: Any) -> str:
    return json.dumps(canonical(thing), sort_keys=True, separators=(",", ":"))


def _shortened(text: str, length: int) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:length]


# --- programs -----------------------------------------------------------------------------


class _Traced:
    """Stands in a template where a program takes a number; computing with it is an error."""

    def __repr__(self) -> str:
        return "traced"

    def __reduce__(self) -> str:
        return "TRACED"


TRACED = _Traced()


class Selected:
    """Some settings of a condition, read as from the condition itself; no others can be.

    A program that is built from these cannot depend on what its template does not hold.
    """

    def __init__(self, settings: Mapping[str, Any], numbers: Mapping[str, float]):
        """Hold settings by dotted path, and those numbers below them that vary in a program."""
        self._settings, self.numbers = dict(settings), dict(numbers)

    def __getattr__(self, name: str) -> Any:
        held = vars(self).get("_settings", {})
        if name in held:
            return held[name]
        inner = {
            path.removeprefix(f"{name}."): setting
            for path, setting in held.items()
            if path.startswith(f"{name}.")
        }
        if not inner:
            raise AttributeError(
                f"This program does not take the setting {name!r}, so it must not depend on "
                f"it. It takes: {', '.join(held)}."
            )
        return Selected(inner, {})

    def bind(self, values: Mapping[str, Any]) -> "Selected":
        """A copy with the numbers at the given dotted paths."""
        bound = {
            path: setting.bind(values, f"{path}.")
            if isinstance(setting, Declared)
            else values.get(path, setting)
            for path, setting in self._settings.items()
        }
        return Selected(bound, self.numbers)


def select(condition: Declared, paths: Iterable[str], values: Mapping[str, float]) -> Selected:
    """The settings at dotted paths, each with all that it holds; properties count, too.

    Args:
        condition: the whole of them.
        paths: what is taken.
        values: dotted path → number for everything in the condition that is data in a lane.
    """
    paths = tuple(paths)
    numbers = {
        path: number
        for path, number in values.items()
        if any(path == taken or path.startswith(f"{taken}.") for taken in paths)
    }
    return Selected({path: attrgetter(path)(condition) for path in paths}, numbers)


class Template:
    """What a program is built from; templates are equal if they make the same program.

    Numbers that the program takes as arguments are not in it.

    Attributes:
        settings: to be bound to those numbers; where they belong stands `TRACED`.
        numbers: their dotted paths.
    """

    def __init__(self, settings: "Declared | Selected", numbers: Collection[str]):
        """Leave the numbers at the given dotted paths out of the settings."""
        self.settings: Any = settings.bind(dict.fromkeys(numbers, TRACED))
        self.numbers = tuple(sorted(numbers))
        self._key = (self.numbers, _key(self.settings, ()))
        self._hash = hash(self._key)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Template) and self._key == other._key

    def __hash__(self) -> int:
        return self._hash

    def __reduce__(self) -> Any:
        # Keys are of objects of this process.
        return Template, (self.settings, self.numbers)


def template_of(declared: Declared | Selected) -> Template:
    """The template of a declaration or a selection whose traced fields are its numbers."""
    numbers = declared.numbers if isinstance(declared, Selected) else traced_fields(declared)
    return Template(declared, numbers)


class _Itself:
    """Something of which nothing is known but which object it is."""

    def __init__(self, thing: Any):
        self._thing = thing

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Itself) and self._thing is other._thing

    def __hash__(self) -> int:
        return id(self._thing)


def _key(thing: Any, above: tuple[Any, ...]) -> Hashable:
    """Equal for things that programs cannot tell apart; unequal in case of doubt.

    Types are part of it, as 1 == 1.0 == True, and floats are written out, as 0.0 == -0.0.
    `above` are the functions that are being looked at.
    """
    if dataclasses.is_dataclass(thing) and not isinstance(thing, type):
        fields = ((f.name, getattr(thing, f.name)) for f in dataclasses.fields(thing))
        return type(thing), tuple((name, _key(held, above)) for name, held in fields)
    if isinstance(thing, Selected):
        return Selected, _key(vars(thing)["_settings"], above)
    if thing is None or isinstance(thing, bool | int | str | bytes | type | _Traced):
        return type(thing), thing
    if isinstance(thing, float):
        return float, thing.hex()
    if isinstance(thing, tuple | list):
        return type(thing), tuple(_key(item, above) for item in thing)
    if isinstance(thing, dict | types.MappingProxyType):
        return dict, tuple((_key(k, above), _key(v, above)) for k, v in thing.items())
    if isinstance(thing, types.FunctionType):
        return _key_of_function(thing, above)
    return _Itself(thing)


def _key_of_function(function: types.FunctionType, above: tuple[Any, ...]) -> Hashable:
    """A function that can be imported is itself; another is known by what it does.

    For one that has travelled to a worker is a new object each time. It is its code, defaults
    and closure, and what the names stand for that it takes from its module.
    """
    module = getattr(sys.modules.get(function.__module__), "__dict__", {})
    if module.get(function.__qualname__) is function:
        return _Itself(function)
    if function in above:
        return types.FunctionType, above.index(function)
    above = (*above, function)
    names = {name for code in _codes(function.__code__) for name in code.co_names}
    held = [(name, function.__globals__.get(name)) for name in sorted(names)]
    cells = [cell.cell_contents for cell in function.__closure__ or ()]
    rest = (function.__defaults__, function.__kwdefaults__, cells, held, vars(function))
    return types.FunctionType, function.__code__, _key(rest, above)


def _codes(code: types.CodeType) -> Iterator[types.CodeType]:
    yield code
    for inner in code.co_consts:
        if isinstance(inner, types.CodeType):
            yield from _codes(inner)


# --- code ---------------------------------------------------------------------------------

_MAKING = (
    "training/lanes.py",
    "execution/place.py",
    "tasks/*.py",
    "models/*.py",
    "probes/*.py",
    "declare/optimizers.py",
)
"""Where a run is made of a condition and a seed, and the parts that a condition is made of.

What these import makes results, too; what calls them only carries results.
"""


def making_files(package: Path = PACKAGE) -> tuple[Path, ...]:
    """The files of the package on which results depend."""
    return package_files(_MAKING, package)


def code_digest(*declared: Any, package: Path | None = None) -> str:
    """Digest of the code that makes results; 12 hexadecimal characters.

    Args:
        declared: conditions; a user's own classes and functions in them make their results.
        package: the folder of the package, which is read anew; None for the one at work, as
            it was when this was first asked.
    """
    code = _code_at_work() if package is None else _making_code(package)
    return digest([code, own_code(definitions(declared), _making_files())])


def _making_code(package: Path) -> dict[str, str]:
    return package_code(making_files(package), package)


@lru_cache(maxsize=1)
def _code_at_work() -> dict[str, str]:
    return _making_code(PACKAGE)


@lru_cache(maxsize=1)
def _making_files() -> frozenset[Path]:
    return frozenset(making_files())


def definitions(thing: Any) -> Iterator[Definition]:
    """The classes and functions of which a declaration is made, at any depth."""
    if dataclasses.is_dataclass(thing) and not isinstance(thing, type):
        yield type(thing)
        for field in dataclasses.fields(thing):
            yield from definitions(getattr(thing, field.name))
    elif isinstance(thing, functools.partial):
        yield from definitions((thing.func, thing.args, thing.keywords))
    elif isinstance(thing, Mapping):
        yield from definitions(tuple(thing.values()))
    elif isinstance(thing, type | types.FunctionType | types.MethodType):
        yield thing
    elif isinstance(thing, Iterable) and not isinstance(thing, str | bytes):
        for item in thing:
            yield from definitions(item)
    elif callable(thing):
        yield type(thing)


# --- figures ------------------------------------------------------------------------------


def figure_digest(
    resolved: Any, stored: Mapping[str, Hashable], package: Path = PACKAGE
) -> str:
    """Digest of all that a scenario's figures show.

    Args:
        resolved: the scenario: its declaration, with which goes the source of its own
            functions, its scale, seeds and conditions.
        stored: name of a block's file → what changes whenever the file does.
        package: the folder of the package; all of its code counts, as figures use most of it.
    """
    files = sorted(package.rglob("*.py"))
    code = {path.relative_to(package).as_posix(): _content(path) for path in files}
    own = own_code(definitions(resolved), _all_files())
    return digest([sorted(stored.items()), code, own, resolved])


@lru_cache(maxsize=1)
def _all_files() -> frozenset[Path]:
    return frozenset(PACKAGE.rglob("*.py"))


def _content(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
