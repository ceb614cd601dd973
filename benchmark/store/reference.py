"""The project's own published results: one small file for a scenario at a scale.

A file holds the measures of every run, from which all tables, verdicts and attributions
follow, sketches of the curves for figures, and how it all was made. Verdicts are not
stored: they are recomputed.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from benchmark.declare.condition import Condition
from benchmark.declare.errors import UserError
from benchmark.declare.places import reference_name
from benchmark.declare.scenario import Resolved
from benchmark.declare.series import series_shapes
from benchmark.store.blocks import series_digest
from benchmark.store.files import Stored, prepare, read, write
from benchmark.store.intact import TABLES, is_reference, read_about
from benchmark.store.results import Runs
from benchmark.store.sketch import Sketch, pack, restored, unpack

if TYPE_CHECKING:
    import xarray as xr


@dataclass(frozen=True)
class Entry:
    """What the reference keeps of one condition.

    Attributes:
        about: id, declaration, shapes of series, and how it was made; plain data.
        known: name of a measure → [run].
        sketches: name of a series → what is kept of it.
        resolutions: name of a measure → [run], how far rounding moves it.
    """

    about: Mapping[str, Any]
    known: Mapping[str, np.ndarray]
    sketches: Mapping[str, Sketch]
    resolutions: Mapping[str, np.ndarray] = field(default_factory=dict)


@dataclass(frozen=True)
class Reference:
    """The reference results of a scenario, with the face of one's own `Results`."""

    resolved: Resolved
    folder: Path
    path: Path

    @classmethod
    def at(cls, resolved: Resolved, root: Path, folder: Path) -> "Reference":
        """The reference of a scenario at its scale.

        Args:
            resolved: the scenario.
            root: the folder of all references.
            folder: where what is made of it, such as figures, will go.
        """
        name = reference_name(resolved.scenario.name, resolved.scale)
        return cls(resolved, folder, root / name)

    @property
    def exists(self) -> bool:
        """Whether there is one."""
        return self.path.exists()

    @cached_property
    def about(self) -> dict[str, Any]:
        """How it was made: scale, seeds, packages, devices, code, conditions, measures."""
        return read_about(self._stored)

    @cached_property
    def _stored(self) -> Stored:
        stored, resolved = read(self.path), self.resolved
        if stored is None or not is_reference(stored, resolved.scenario.name, resolved.scale):
            raise self._damaged()
        return stored

    def _damaged(self) -> UserError:
        return UserError(
            f"{self.path} is damaged, or no reference of this scenario and scale; get or make "
            "it anew."
        )

    @property
    def seeds(self) -> int:
        """Runs per condition."""
        return len(self._stored.seeds)

    @property
    def strangers(self) -> int:
        """Conditions of the scenario as declared today that the reference does not have."""
        same = self.about["version"] == self.resolved.scenario.version
        ids = {each["id"] for each in self.about["conditions"]} if same else set()
        return sum(condition.id not in ids for condition in self.resolved.conditions)

    def runs(self, condition: Condition) -> Runs | None:
        """The runs of a condition, or None if it has none."""
        return next((r for r in self.all_runs() if r.condition.id == condition.id), None)

    def all_runs(self) -> list[Runs]:
        """The runs of every condition that has some, in the scenario's order."""
        return self._runs

    @cached_property
    def _runs(self) -> list[Runs]:
        if self.about["version"] != self.resolved.scenario.version:
            return []
        place = {each["id"]: i for i, each in enumerate(self.about["conditions"])}
        conditions = (c for c in self.resolved.conditions if c.id in place)
        try:
            return [self._one(condition, place[condition.id]) for condition in conditions]
        except (IndexError, KeyError, TypeError, ValueError) as error:
            raise self._damaged() from error

    def _one(self, condition: Condition, row: int) -> Runs:
        arrays, shapes = self._stored.series, self.about["conditions"][row]["series"]
        if not all(tuple(s) in series_shapes(condition).values() for s in shapes.values()):
            raise ValueError("a series has a shape that its condition cannot have")
        known, resolutions = (
            {
                each["name"]: arrays[table][column, row]
                for column, each in enumerate(self.about["measures"])
                if table in arrays and set(each["of"]) <= set(shapes)
            }
            for table in TABLES
        )
        series = {
            name: restored(unpack(name, arrays, row, tuple(shape)), tuple(shape))
            for name, shape in shapes.items()
        }
        seeds = self._stored.seeds
        return Runs(condition, seeds, series, known=known, resolutions=resolutions)


def store(
    path: Path, about: Mapping[str, Any], seeds: np.ndarray, entries: Sequence[Entry]
) -> None:
    """Write a reference file; the same contents give the same bytes.

    Args:
        path: the file.
        about: what is true of all conditions; "measures" lists the measures, each with
            "name" and "of" (names of series).
        seeds: [run].
        entries: one per condition.

    Raises:
        UserError: the file cannot be written.
    """
    prepare(path.parent)
    write(path, _dataset(about, seeds, entries), small=True)


def _dataset(
    about: Mapping[str, Any], seeds: np.ndarray, entries: Sequence[Entry]
) -> "xr.Dataset":
    import xarray as xr

    text = json.dumps(
        {**about, "conditions": [each.about for each in entries]}, sort_keys=True, default=str
    )
    arrays: dict[str, tuple[tuple[str, ...], np.ndarray]] = {
        "about": (("byte",), np.frombuffer(text.encode(), np.uint8))
    }
    nothing = np.full(len(seeds), np.nan)
    tables = ("measures", np.float64, "known"), ("resolutions", np.float32, "resolutions")
    for name, kind, part in tables:
        table = [
            [getattr(each, part).get(measure["name"], nothing) for each in entries]
            for measure in about["measures"]
        ]
        if table:
            arrays[name] = (("measure", "condition", "run"), np.array(table, kind))
    for name in dict.fromkeys(name for each in entries for name in each.sketches):
        for part, values in pack(name, [each.sketches.get(name) for each in entries]).items():
            arrays[part] = (("condition", *_axes(values.shape[1:])), values)
    numbers = {name: values for name, (_, values) in arrays.items()}
    attributes = {
        "title": f"Reference results of {about['scenario']} at scale {about['scale']}",
        "reading": "`about` is JSON in UTF-8: it names conditions and measures, in order",
        "digest": series_digest(numbers),
    }
    return xr.Dataset(arrays, {"run": ("run", seeds)}, attributes)


def _axes(sizes: Sequence[int]) -> list[str]:
    """Names of axes by their length; no two of an array may be called the same."""
    return [
        f"length_{size}" + "_again" * list(sizes[:place]).count(size)
        for place, size in enumerate(sizes)
    ]
