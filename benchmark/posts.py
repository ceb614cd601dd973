"""The posts that the benchmark tests, and where to begin: data beside the scenarios.

``scenarios/posts/`` has a file for each post: what it is about, what it printed, how it is
rebuilt, and what it says on why curves fluctuate and what helps, with the claims that test
it. ``scenarios/symptoms.toml`` leads from what a curve looks like to scenarios.
"""

import dataclasses
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeVar

from benchmark.declare.errors import UserError, one_of, require
from benchmark.declare.fields import Declared
from benchmark.declare.places import shipped_root

D = TypeVar("D", bound=Declared)


@dataclass(frozen=True)
class Statement(Declared):
    """A statement of a post, and the claim that tests it.

    Attributes:
        post: its letter.
        says: the statement in our words, one sentence, worded so that it stands as its
            claim does.
        scenario: where it is tested.
        claim: the name of that scenario's claim.
        nearest: whether the claim does not test the statement itself, but is the nearest
            there is.
    """

    post: str
    says: str
    scenario: str
    claim: str
    nearest: bool = False


@dataclass(frozen=True)
class Log(Declared):
    """What a post printed, epoch by epoch, in the words of Keras.

    Attributes:
        loss, acc: running means over the epoch, of training; one per epoch.
        val_loss, val_acc: of validation at the epoch's end.

    Raises:
        UserError: they are not equally long.
    """

    loss: tuple[float, ...]
    acc: tuple[float, ...]
    val_loss: tuple[float, ...]
    val_acc: tuple[float, ...]

    def __post_init__(self) -> None:
        super().__post_init__()
        lengths = {name: len(values) for name, values in vars(self).items()}
        require(
            len(set(lengths.values())) == 1,
            f"All of a log must have equally many epochs, but it has {lengths}.",
        )


@dataclass(frozen=True)
class Rebuilt(Declared):
    """How a post is rebuilt.

    Attributes:
        title: what the chosen condition is, in words.
        scenario: the case study.
        where: settings path → value, which select one of its conditions.
        train, validation: names of the series that are looked at; None where the post
            looks at no validation.
    """

    title: str
    scenario: str
    where: Mapping[str, Any]
    train: str
    validation: str | None = None


@dataclass(frozen=True)
class Post(Declared):
    """A post.

    Attributes:
        letter: its name.
        title: what it is about.
        rebuilt: how its case study rebuilds it.
        statements: what it says, in order.
        log: what it printed; None where it printed none.
    """

    letter: str
    title: str
    rebuilt: Rebuilt
    statements: tuple[Statement, ...]
    log: Log | None = None


@dataclass(frozen=True)
class Symptom(Declared):
    """What somebody sees in a curve.

    Attributes:
        says: in a practitioner's words, as in the README; `backticks` mark code.
        scenarios: names of the scenarios to run, the first ones first.
    """

    says: str
    scenarios: tuple[str, ...]


def posts(folder: Path | None = None) -> tuple[Post, ...]:
    """All posts by letter; none where there is no such folder.

    Args:
        folder: of the files, ``LETTER.toml``; default: the project's.

    Raises:
        UserError: a file cannot be read, or something in it is missing, unknown or of the
            wrong kind.
    """
    return _posts(folder or shipped_root() / "scenarios" / "posts")


def statements(folder: Path | None = None) -> tuple[Statement, ...]:
    """All statements, post by post; see `posts`."""
    return tuple(statement for post in posts(folder) for statement in post.statements)


def symptoms(path: Path | None = None) -> tuple[Symptom, ...]:
    """The README's table "Find your situation", row by row; none without such a file.

    Raises:
        UserError: as `posts`.
    """
    path = path or shipped_root() / "scenarios" / "symptoms.toml"
    if not path.is_file():
        return ()
    whole = _read(path)
    _check_keys(whole, ("symptoms",), (), str(path))
    return tuple(
        _declared(Symptom, table, where) for table, where in _tables(whole, "symptoms", path)
    )


@lru_cache(maxsize=4)
def _posts(folder: Path) -> tuple[Post, ...]:
    return tuple(map(_post, sorted(folder.glob("*.toml"))))


def _post(path: Path) -> Post:
    whole = _read(path)
    _check_keys(whole, ("title", "rebuilt", "statements"), ("log",), str(path))
    said = [_statement(path.stem, *row) for row in _tables(whole, "statements", path)]
    log = whole.get("log")
    fields = {
        "letter": path.stem,
        "title": whole["title"],
        "rebuilt": _declared(Rebuilt, whole["rebuilt"], f"rebuilt of {path}"),
        "statements": tuple(said),
        "log": None if log is None else _declared(Log, log, f"log of {path}"),
    }
    return _declared(Post, fields, str(path))


def _statement(post: str, table: Mapping[str, Any], where: str) -> Statement:
    _check_keys(table, ("says", "claim"), ("nearest",), where)
    place = table["claim"]
    require(
        isinstance(place, str) and place.count("/") == 1,
        f"The claim in {where} is {place!r}, but must be 'scenario/claim'.",
    )
    scenario, claim = place.split("/")
    fields = {**table, "post": post, "scenario": scenario, "claim": claim}
    return _declared(Statement, fields, where)


def _read(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise UserError(f"{path} could not be read: {error.strerror or error}.") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UserError(f"{path} is no TOML: {error}.") from error


def _tables(whole: Mapping[str, Any], key: str, path: Path) -> list[tuple[Any, str]]:
    """The tables of an array, each with words for where it stands."""
    rows = whole[key]
    require(
        isinstance(rows, list), f"{key} of {path} is {rows!r}, but must be tables [[{key}]]."
    )
    return [(row, f"{key}[{place}] of {path}") for place, row in enumerate(rows)]


def _declared(kind: type[D], table: Any, where: str) -> D:
    """A declaration out of a table of its fields."""
    fields = dataclasses.fields(kind)
    needed = [f.name for f in fields if f.default is dataclasses.MISSING]
    _check_keys(table, needed, [f.name for f in fields if f.name not in needed], where)
    try:
        return kind(**table)
    except UserError as error:
        raise UserError(f"In {where}: {error}") from error


def _check_keys(table: Any, needed: Any, optional: Any, where: str) -> None:
    require(isinstance(table, Mapping), f"{where} is {table!r}, but must be a table.")
    for key in table:
        one_of(f"A key of {where}", key, (*needed, *optional))
    for key in needed:
        require(key in table, f"{where} lacks {key!r}.")
