"""The whole page: what all stored scenarios say together, and each in its chapter."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from benchmark.answers.answer import Answer, answer
from benchmark.answers.overview import Overview, overview
from benchmark.declare.steps import Steps, silently
from benchmark.figures import theme
from benchmark.paper.figures import drawn_scenarios, headlines
from benchmark.posts import posts
from benchmark.report.chapter import Chapter, chapter
from benchmark.report.claims import all_claims, statement_table
from benchmark.report.pictures import Picture, picture
from benchmark.report.provenance import Provenance, together
from benchmark.report.situations import Situation, situations
from benchmark.store.checks import Checked
from benchmark.store.results import Stock
from benchmark.tables import claimed
from benchmark.tables.catalogue import (
    cause_table,
    cure_table,
    fingerprint_table,
    recognition,
)
from benchmark.tables.table import Table
from benchmark.tables.theory import theory_table

FAMILIES = {
    "optimisation": "Optimisation",
    "data": "Data",
    "model": "Networks",
    "measurement": "What is measured, and when",
    "seeds": "Seeds",
    "case": "The posts, rebuilt",
    "own": "Questions of your own",
}
"""Families of scenarios in the order of the page."""

KINDS = {
    "causes_ranked": "ranked causes",
    "cures_ranked": "ranked cures",
    "fingerprints": "fingerprints of causes",
    "confusion": "causes taken for each other",
    "sources": "sources of randomness",
    "mislabelled": "batch size and wrong labels",
    "posts": "the posts, rebuilt",
    "theory": "simulation against theory",
}
"""The figures over all scenarios that the page shows."""


@dataclass(frozen=True)
class Page:
    """Everything on the page.

    Attributes:
        scale: of the results.
        families: title → chapters.
        counts: how many claims have each verdict.
        runs: training runs in all scenarios together.
        situations: from a symptom to scenarios and cures.
        posts: letter of a post → what it is about.
        statements, claims, causes, cures, fingerprints, theory: tables; None where nothing is
            known.
        pictures: name of an overview → its figure.
        named: how well causes are told apart, in sentences.
        missing: names of the scenarios that have no results.
        provenance: how the results were made.
    """

    scale: str
    families: dict[str, tuple[Chapter, ...]]
    counts: dict[str, int]
    runs: int
    situations: tuple[Situation, ...]
    posts: Mapping[str, str]
    statements: Table
    claims: Table
    causes: Table | None
    cures: Table | None
    fingerprints: Table | None
    theory: Table | None
    pictures: dict[str, Picture]
    named: tuple[str, ...]
    missing: tuple[str, ...]
    provenance: Provenance

    @property
    def chapters(self) -> tuple[Chapter, ...]:
        """Of all families."""
        return tuple(each for chapters in self.families.values() for each in chapters)


def page(
    stocks: Sequence[Stock], checked: Checked | None = None, steps: Steps = silently
) -> Page:
    """The page of all scenarios; draws all their figures, which takes a minute or two.

    Args:
        stocks: one per scenario, whether or not it has results.
        checked: what the checks against theory found, if they were run.
        steps: tells how far it is.

    Raises:
        UserError: the own figure of a scenario fails.
    """
    every: dict[str, Answer] = {}
    made: dict[str, Chapter | None] = {}
    kept = drawn_scenarios()
    named = {stock.resolved.scenario.name: stock for stock in stocks}
    for name in steps(list(named), "drawing"):
        one = answer(named[name])
        made[name] = chapter(one) if one.summaries else None
        every[name] = one if name in kept else one.without_runs()
    found = overview(each.part for each in every.values())
    chapters = [each for each in made.values() if each is not None]
    families = {
        title: tuple(each for each in chapters if each.family == family)
        for family, title in FAMILIES.items()
    }
    ordered = [each for held in families.values() for each in held]
    return Page(
        scale=stocks[0].resolved.scale if stocks else "",
        families={title: held for title, held in families.items() if held},
        counts=_counts(ordered),
        runs=sum(each.runs for each in ordered),
        situations=situations(ordered, found.cures),
        posts={post.letter: post.title for post in posts()},
        statements=statement_table(ordered),
        claims=all_claims(ordered),
        causes=cause_table(found.causes),
        cures=cure_table(found.cures),
        fingerprints=fingerprint_table(found.fingerprints),
        theory=None if checked is None else theory_table(checked),
        pictures=_pictures(every, found, checked, steps),
        named=tuple(map(recognition, found.confusions)),
        missing=tuple(name for name, each in made.items() if each is None),
        provenance=together(each.provenance for each in ordered),
    )


def _counts(chapters: Iterable[Chapter]) -> dict[str, int]:
    total: Counter[str] = Counter()
    for each in chapters:
        total.update(each.counts)
    return {kind: total[kind] for kind in claimed.SIGNS}


def _pictures(
    every: Mapping[str, Answer], found: Overview, checked: Checked | None, steps: Steps
) -> dict[str, Picture]:
    with theme.styled():
        return {
            name: picture(figure, KINDS[name])
            for name, figure in headlines(every, found, checked, steps)
            if name in KINDS
        }
