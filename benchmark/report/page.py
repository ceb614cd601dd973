"""The whole page: what all stored scenarios say together, and each in its chapter."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from benchmark.figures import theme
from benchmark.paper.figures import headlines
from benchmark.posts import posts
from benchmark.report.chapter import Chapter, chapter
from benchmark.report.claims import all_claims, statement_grid
from benchmark.report.grid import Grid
from benchmark.report.pictures import Picture, picture
from benchmark.report.provenance import Provenance, together
from benchmark.report.situations import Situation, situations
from benchmark.report.switches import cause_grid, cure_grid, fingerprint_grid
from benchmark.report.theory import theory_grid
from benchmark.statistics.answer import answer
from benchmark.statistics.confusion import Confusion
from benchmark.statistics.overview import Overview, overview
from benchmark.store.checks import Checked
from benchmark.store.results import Stock
from benchmark.wording import claimed, words

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
    statements: Grid
    claims: Grid
    causes: Grid | None
    cures: Grid | None
    fingerprints: Grid | None
    theory: Grid | None
    pictures: dict[str, Picture]
    named: tuple[str, ...]
    missing: tuple[str, ...]
    provenance: Provenance

    @property
    def chapters(self) -> tuple[Chapter, ...]:
        """Of all families."""
        return tuple(each for chapters in self.families.values() for each in chapters)


def page(stocks: Sequence[Stock], checked: Checked | None = None) -> Page:
    """The page of all scenarios; draws all their figures, which takes a minute or two.

    Args:
        stocks: one per scenario, whether or not it has results.
        checked: what the checks against theory found, if they were run.

    Raises:
        UserError: the own figure of a scenario fails.
    """
    answers = ((stock.resolved.scenario.name, answer(stock)) for stock in stocks)
    made = {name: chapter(found) if found.conditions else None for name, found in answers}
    found = overview(stocks)
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
        statements=statement_grid(ordered),
        claims=all_claims(ordered),
        causes=cause_grid(found.causes),
        cures=cure_grid(found.cures),
        fingerprints=fingerprint_grid(found.fingerprints),
        theory=None if checked is None else theory_grid(checked),
        pictures=_pictures(stocks, found, checked),
        named=tuple(map(_named, found.confusions)),
        missing=tuple(name for name, each in made.items() if each is None),
        provenance=together(each.provenance for each in ordered),
    )


def _counts(chapters: Iterable[Chapter]) -> dict[str, int]:
    total: Counter[str] = Counter()
    for each in chapters:
        total.update(each.counts)
    return {kind: total[kind] for kind in claimed.SIGNS}


def _pictures(
    stocks: Sequence[Stock], found: Overview, checked: Checked | None
) -> dict[str, Picture]:
    named = {stock.resolved.scenario.name: stock for stock in stocks}
    with theme.styled():
        return {
            name: picture(figure, KINDS[name])
            for name, figure in headlines(named, found, checked)
            if name in KINDS
        }


def _named(found: Confusion) -> str:
    """How well causes are named by the curves alone, in a sentence."""
    mixed = [f"{' and '.join(pair.causes)} ({pair.rate:.0%})" for pair in found.mixed_up]
    worst = f" Most often taken for each other: {words.listed(mixed[:3])}." if mixed else ""
    return (
        f"With {found.held_out} held out, a classifier that sees nothing but curves names the "
        f"cause of {found.accuracy:.0%} [{found.low:.0%}, {found.high:.0%}] of {found.runs:,} "
        f"runs; a guess would name {found.chance:.0%}.{worst}"
    )
