"""From what somebody sees to the scenarios that look into it, and what helped there."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from benchmark.posts import Symptom, symptoms
from benchmark.report.chapter import Chapter
from benchmark.statistics.attribution.causes import Row
from benchmark.statistics.attribution.effects import JITTER, LOSS
from benchmark.tables.anchors import scenario_name
from benchmark.tables.catalogue import effect_cell

_CURES = 3
"""Cures named for a symptom."""


@dataclass(frozen=True)
class Link:
    """A text that leads to a part of the page, with what is to be said of it."""

    text: str
    name: str
    note: str = ""


@dataclass(frozen=True)
class Situation:
    """A symptom with where to look.

    Attributes:
        says: texts, alternately prose and code.
        scenarios: those that have results, with their questions.
        missing: names of those that have none.
        cures: what surely calmed validation there, and what it did to the loss.
    """

    says: tuple[str, ...]
    scenarios: tuple[Link, ...]
    missing: tuple[str, ...]
    cures: tuple[Link, ...]


def situations(chapters: Sequence[Chapter], cures: Sequence[Row]) -> tuple[Situation, ...]:
    """All symptoms.

    Args:
        chapters: of the scenarios that have results.
        cures: of all scenarios, the calmest last, as `overview` has them.
    """
    held = {each.name: each for each in chapters}
    return tuple(_situation(symptom, held, cures) for symptom in symptoms())


def _situation(symptom: Symptom, held: dict[str, Chapter], cures: Sequence[Row]) -> Situation:
    there = [held[name] for name in symptom.scenarios if name in held]
    return Situation(
        tuple(symptom.says.split("`")),
        tuple(Link(each.name, each.link, each.question) for each in there),
        tuple(name for name in symptom.scenarios if name not in held),
        _calming(cures, [each.name for each in there]),
    )


def _calming(cures: Sequence[Row], scenarios: Collection[str]) -> tuple[Link, ...]:
    """The cures that surely lower validation jitter, each in the place where it does most.

    Those that surely raise the loss come last: calm is not good.
    """
    found: dict[str, tuple[bool, Link]] = {}
    for row in reversed(cures):
        jitter, loss = row.on(JITTER), row.on(LOSS)
        name = row.cure or ""
        if row.scenario not in scenarios or not jitter.number.surely_below(1.0):
            continue
        said = effect_cell(jitter), effect_cell(loss)
        note = f"jitter {said[0].text} {said[0].note}, loss {said[1].text}"
        worse = loss.number.surely_above(1.0)
        found.setdefault(name, (worse, Link(name, scenario_name(row.scenario), note)))
    ordered = sorted(found.values(), key=lambda pair: pair[0])
    return tuple(link for _, link in ordered)[:_CURES]
