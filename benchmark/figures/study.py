"""What figures draw: conditions, arranged along a dose and split by what else varies."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from benchmark.answers.answer import Answer, attributed
from benchmark.declare.claims import Claim
from benchmark.declare.designs import ARM, axes_of
from benchmark.declare.errors import UserError
from benchmark.declare.measure import Measure
from benchmark.declare.training import FULL
from benchmark.statistics.attribution.crossed import crossed_conditions
from benchmark.statistics.claims.verdicts import Verdict
from benchmark.statistics.measures import Diverged
from benchmark.statistics.selection import ConditionResult, distinguishing
from benchmark.wording import words

CONDITION = "condition"
"""The dose where no single setting tells the conditions apart."""


@dataclass(frozen=True)
class Stratum:
    """Conditions that differ in their dose only.

    Attributes:
        label: the other settings in words, "" if nothing else varies.
        key: the values of these settings.
        members: dose level → condition, in the order of the axis.
        paths: of these settings.
    """

    label: str
    key: tuple[Any, ...]
    members: dict[Any, ConditionResult]
    paths: tuple[str, ...] = ()


@dataclass(frozen=True)
class Arranged:
    """Conditions on an axis.

    Attributes:
        axis: path of the dose; `CONDITION` if there is none.
        levels: all doses in order.
        strata: the lines to draw.
        paths: the settings that tell strata apart.
    """

    axis: str
    levels: list[Any]
    strata: list[Stratum]
    paths: list[str]


@dataclass(frozen=True)
class Study:
    """A scenario's stored results, read once for all its figures.

    Attributes:
        answer: everything known of the scenario.
        conditions: what is drawn; of crossed sources one per design, if all is crossed.
    """

    answer: Answer
    conditions: list[ConditionResult]

    @classmethod
    def of(cls, answer: Answer) -> "Study":
        """What an answer leaves to draw.

        Raises:
            UserError: nothing is stored.
        """
        name, folder = answer.scenario.name, str(answer.results.folder)
        if not answer.conditions:
            raise UserError(
                f"Nothing of {name!r} is stored in {folder!r}, so there is nothing to draw. "
                f"Run it first: python -m benchmark run {name}"
            )
        arms = crossed_conditions(answer.conditions).values()
        alike = {id(result) for members in arms for result in members}
        drawn = [result for result in answer.conditions if id(result) not in alike]
        return cls(answer, drawn or [members[0] for members in arms])

    @property
    def claims(self) -> tuple[Claim, ...]:
        """The scenario's claims, in the order of the verdicts."""
        return self.answer.scenario.claims

    @property
    def verdicts(self) -> list[Verdict]:
        """One per claim."""
        return self.answer.verdicts

    @property
    def measures(self) -> tuple[Measure, ...]:
        """What a factorial shares out among its suspects."""
        return attributed(self.answer.scenario)

    @cached_property
    def arms(self) -> tuple[str, ...]:
        """Names of the arms that have results, in order."""
        names = (r.settings[ARM] for r in self.conditions if ARM in r.settings)
        return tuple(dict.fromkeys(names))

    @cached_property
    def loss(self) -> str | None:
        """The loss of the tasks, None if they differ."""
        kinds = {result.condition.task.loss for result in self.conditions}
        return kinds.pop() if len(kinds) == 1 else None

    @cached_property
    def runs(self) -> str:
        """How many runs a condition has: "32 runs", "16–32 runs"."""
        counts = sorted({result.runs for result in self.conditions})
        return f"{'–'.join(map(str, dict.fromkeys((counts[0], counts[-1]))))} runs"

    def steps(self, series: str) -> bool:
        """Whether a series has a value at every step, and not at every epoch."""
        recorded = (
            result.series[series] for result in self.conditions if series in result.series
        )
        return any(values.ndim == 3 for values in recorded)

    def axis_of(self, conditions: Sequence[ConditionResult]) -> str:
        """The setting to put on the horizontal axis: the dose if it varies among them."""
        resolved = self.answer.resolved
        candidates = (
            resolved.dose, *axes_of(resolved.scenario.vary), *resolved.axes,
            *resolved.scenario.derive, ARM,
        )  # fmt: skip
        for path in candidates:
            if path is not None and len({str(r.settings.get(path)) for r in conditions}) > 1:
                return path
        return CONDITION

    def arrange(
        self, conditions: Sequence[ConditionResult], axis: str | None = None
    ) -> Arranged:
        """Conditions along `axis` (default: see `axis_of`), one stratum per other setting.

        Arms are strata of their own, named as such; what tells arms apart besides their
        name is not said again.
        """
        axis = axis or self.axis_of(conditions)
        if axis == CONDITION:
            return _nameless(conditions)
        levels = _in_order({_level(result, axis): None for result in conditions})
        arms = dict.fromkeys(result.settings.get(ARM, "") for result in conditions)
        if axis == ARM or len(arms) == 1:
            paths, strata = _strata(conditions, axis, levels)
            return Arranged(axis, levels, strata, paths)
        strata = []
        for arm in arms:
            members = [r for r in conditions if r.settings.get(ARM, "") == arm]
            for inner in _strata(members, axis, levels)[1]:
                label = ", ".join(filter(None, (arm, inner.label)))
                key, paths = (arm, *inner.key), (ARM, *inner.paths)
                strata.append(Stratum(label, key, inner.members, paths))
        return Arranged(axis, levels, strata, [ARM])


def _strata(
    conditions: Sequence[ConditionResult], axis: str, levels: Sequence[Any]
) -> tuple[list[str], list[Stratum]]:
    """Paths of the other settings, and one stratum for each combination of them."""
    paths = [path for path in distinguishing(conditions, [axis]) if path != ARM]
    if not all(map(is_number, levels)):
        # What a name determines belongs to it: the β₁ that only Adam has.
        paths = [path for path in paths if not _follows(conditions, path, axis)]
    said = words.settings(paths)
    groups: dict[tuple[Any, ...], dict[Any, ConditionResult]] = {}
    for result in conditions:
        key = tuple(_level(result, path) for path in paths)
        groups.setdefault(key, {})[_level(result, axis)] = result
    strata = []
    for key, by_level in groups.items():
        parts = (name(path, v, said[path]) for path, v in zip(paths, key, strict=True))
        members = {level: by_level[level] for level in levels if level in by_level}
        strata.append(Stratum(", ".join(parts), key, members, tuple(paths)))
    if len(paths) == 1:
        order = _in_order(dict.fromkeys(stratum.key[0] for stratum in strata))
        strata.sort(key=lambda stratum: order.index(stratum.key[0]))
    return paths, strata


def name(path: str, value: Any, said: str | None = None) -> str:
    """A setting with its value: "batch size 4"; an arm or a kind by its name alone."""
    text = words.level(value)
    return text if is_name(path, value) else f"{said or words.setting(path)} {text}"


def is_name(path: str, value: Any) -> bool:
    """Whether the value of a setting says by itself what it is: an arm, or a derived name."""
    return path in (ARM, CONDITION) or (isinstance(value, str) and "." not in path)


def level_words(axis: str, value: Any, result: ConditionResult | None = None) -> str:
    """A dose in words; the full batch by its size and name."""
    text = words.level(value)
    if axis == "training.batch_size" and result is not None:
        training = getattr(result.condition, "training", None)
        return f"{text} (all)" if getattr(training, "batch_size", None) == FULL else text
    return text


def diverged(result: ConditionResult) -> int:
    """How many runs diverged; 0 if no training loss is recorded."""
    if "train_loss" not in result.series:
        return 0
    return int(result.measured(Diverged()).sum())


def spread(count: int, chosen: int) -> list[int]:
    """At most `chosen` of the places 0…count−1, evenly spread, the ends among them."""
    if count <= chosen:
        return list(range(count))
    if chosen == 1:
        return [0]
    return [round(i * (count - 1) / (chosen - 1)) for i in range(chosen)]


def is_number(value: Any) -> bool:
    """Whether a level stands on a numeric axis."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def _level(result: ConditionResult, path: str) -> Any:
    return result.settings.get(path)


def _follows(conditions: Sequence[ConditionResult], path: str, axis: str) -> bool:
    """Whether the level of the axis determines the setting."""
    pairs = {(str(_level(r, axis)), str(_level(r, path))) for r in conditions}
    return len(pairs) == len({level for level, _ in pairs})


def _in_order(levels: dict[Any, None]) -> list[Any]:
    return sorted(levels) if all(map(is_number, levels)) else list(levels)


def _nameless(conditions: Sequence[ConditionResult]) -> Arranged:
    paths = distinguishing(conditions)
    said = words.settings(paths)
    members = {
        ", ".join(name(p, result.settings.get(p), said[p]) for p in paths) or "all runs": result
        for result in conditions
    }
    return Arranged(CONDITION, list(members), [Stratum("", (), members)], [])
