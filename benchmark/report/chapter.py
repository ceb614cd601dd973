"""One chapter of the page: a scenario, from its question to how to reproduce it."""

from collections import Counter
from dataclasses import dataclass

from benchmark.answers.answer import Answer
from benchmark.declare.designs import ARM
from benchmark.declare.effort import expected_seconds
from benchmark.declare.scenario import Resolved
from benchmark.figures import drawn, theme
from benchmark.report.pictures import Picture, picture
from benchmark.report.provenance import Provenance, provenance
from benchmark.statistics.claims.verdicts import Verdict
from benchmark.tables import claimed
from benchmark.tables.anchors import scenario_name
from benchmark.tables.scenario import (
    claim_table,
    condition_tables,
    source_tables,
    suspect_tables,
)
from benchmark.tables.table import Table

KINDS = {
    "special": "the scenario's own",
    "attribution": "suspects",
    "components": "sources of randomness",
    "dose": "dose-response",
    "curves": "curves",
}
"""The figures of a chapter, in order."""

_FINDINGS = ("special", "attribution", "components")
"""Those that say what was found; the others are for looking closer."""


@dataclass(frozen=True)
class Chapter:
    """What the page says on a scenario.

    Attributes:
        name: of the scenario; `link` is the id of the chapter.
        question, says, family: as declared.
        scale: of the results.
        runs: training runs in all conditions together.
        verdicts: one per claim.
        claims: the table of verdicts.
        pictures: the figures that say what was found; `further` ones to look closer.
        suspects, sources, conditions: tables.
        varied, fixed: paths and levels of settings, the first with several levels each.
        commands: lines to type, with what they do.
        provenance: how the results were made.
    """

    name: str
    link: str
    question: str
    says: str
    family: str
    scale: str
    runs: int
    verdicts: tuple[Verdict, ...]
    claims: Table
    pictures: tuple[Picture, ...]
    further: tuple[Picture, ...]
    suspects: tuple[Table, ...]
    sources: tuple[Table, ...]
    conditions: tuple[Table, ...]
    varied: tuple[tuple[str, str], ...]
    fixed: tuple[tuple[str, str], ...]
    commands: tuple[tuple[str, str], ...]
    provenance: Provenance

    @property
    def counts(self) -> dict[str, int]:
        """How many claims have each verdict."""
        held = Counter(verdict.verdict for verdict in self.verdicts)
        return {kind: held[kind] for kind in claimed.SIGNS}


def chapter(answer: Answer) -> Chapter:
    """The chapter of a scenario that has results; draws its figures, which takes seconds.

    Raises:
        UserError: the scenario's own figure fails.
    """
    resolved = answer.resolved
    scenario = resolved.scenario
    runs = answer.runs
    drawings = _pictures(answer)
    found = [name for name in _FINDINGS if name in drawings] or ["dose"]
    levels = {path: held for path, held in resolved.levels.items() if path != ARM}
    return Chapter(
        name=scenario.name,
        link=scenario_name(scenario.name),
        question=scenario.question,
        says=scenario.says,
        family=scenario.family,
        scale=resolved.scale,
        runs=sum(runs.values()),
        verdicts=tuple(answer.verdicts),
        claims=claim_table(answer),
        pictures=tuple(drawings[name] for name in found),
        further=tuple(held for name, held in drawings.items() if name not in found),
        suspects=suspect_tables(answer),
        sources=source_tables(answer),
        conditions=condition_tables(answer),
        varied=tuple((p, ", ".join(held)) for p, held in levels.items() if len(held) > 1),
        fixed=tuple((path, held[0]) for path, held in levels.items() if len(held) == 1),
        commands=_commands(resolved),
        provenance=provenance(answer.results),
    )


def _pictures(answer: Answer) -> dict[str, Picture]:
    found: dict[str, Picture] = {}
    with theme.styled():
        for name, figure in drawn(answer):
            if name in KINDS:
                found[name] = picture(figure, KINDS[name])
    return {name: found[name] for name in KINDS if name in found}


def _commands(resolved: Resolved) -> tuple[tuple[str, str], ...]:
    name = resolved.scenario.name
    scale = "" if resolved.scale == "quick" else f" --scale {resolved.scale}"
    minutes = expected_seconds(resolved) / 60
    lasts = f"{minutes:.1f} minutes" if minutes < 90 else f"{minutes / 60:.0f} hours"
    told = [
        (f"show {name}{scale}", "settings and claims"),
        (f"run {name}{scale}", f"train what is missing: about {lasts} on 2 cores"),
        (f"summary {name}{scale}", "all measures and verdicts"),
        (f"verify {name}{scale}", "new seeds against the reference results"),
    ]
    return tuple((f"python -m benchmark {line}", does) for line, does in told)
