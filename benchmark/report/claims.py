"""All claims in one table, and what the posts say beside what was found."""

from collections.abc import Sequence
from dataclasses import replace

from benchmark.posts import Statement, statements
from benchmark.report.chapter import Chapter
from benchmark.statistics.claims.verdicts import Verdict
from benchmark.tables import claimed
from benchmark.tables.anchors import claim_name
from benchmark.tables.scenario import verdict_cell
from benchmark.tables.table import Cell, Column, Table, measured
from benchmark.wording import words
from benchmark.wording.numbers import NOTHING

_FOUND = (Column("Verdict", chosen=True), Column("Estimate [95\u00a0%]", numeric=True))


def all_claims(chapters: Sequence[Chapter]) -> Table:
    """Every claim with its verdict, to be searched and chosen from."""
    rows = [
        (
            Cell(words.sentence(verdict.says), link=claim_name(each.name, verdict.name)),
            verdict_cell(verdict),
            measured(verdict.number),
            Cell(claimed.region(verdict)),
            Cell(each.name, link=each.link),
            Cell(each.family),
        )
        for each in chapters
        for verdict in each.verdicts
    ]
    heads = (
        Column("Claim"),
        *_FOUND,
        Column("Expected"),
        Column("Scenario"),
        Column("Family", chosen=True),
    )
    caption = "All claims, their verdicts, and the scenarios that test them"
    return Table("all-claims", caption, heads, tuple(rows), searched=True)


def statement_table(chapters: Sequence[Chapter]) -> Table:
    """What the posts say and what was found; statements whose scenario has no results, too."""
    links = {each.name: each.link for each in chapters}
    found = {(each.name, v.name): v for each in chapters for v in each.verdicts}
    rows = [
        _stated(said, found.get((said.scenario, said.claim)), links) for said in statements()
    ]
    heads = (
        Column("Post", chosen=True),
        Column("What it says"),
        *_FOUND,
        Column("Tested by"),
    )
    caption = "Statements of the posts, and the verdict on the claim that tests each"
    return Table("statements", caption, heads, tuple(rows), searched=True)


def _stated(
    said: Statement, verdict: Verdict | None, links: dict[str, str]
) -> tuple[Cell, ...]:
    link = claim_name(said.scenario, said.claim) if verdict else links.get(said.scenario, "")
    tested = Cell(said.scenario.replace("_", " "), note=said.claim, link=link)
    if verdict is None:
        return (Cell(said.post), Cell(said.says), Cell("not run"), Cell(NOTHING), tested)
    judged = verdict_cell(verdict)
    if said.nearest:
        notes = ("of the nearest claim, which does not test this itself", judged.note)
        judged = replace(judged, note="; ".join(filter(None, notes)))
    return (
        Cell(said.post),
        Cell(said.says),
        judged,
        measured(verdict.number),
        tested,
    )
