"""Everything the paper's text takes from results, as plain data.

All numbers are ready to print: the text does no arithmetic and types no result.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from benchmark.answers.answer import Answer, attributed
from benchmark.answers.overview import Overview
from benchmark.declare.claims import Claim
from benchmark.paper.facts import facts, side
from benchmark.posts import Statement, statements
from benchmark.statistics.attribution.causes import Row
from benchmark.statistics.attribution.effects import JITTER
from benchmark.statistics.claims.verdicts import KINDS, Verdict
from benchmark.statistics.recognition.classifier import Confusion
from benchmark.store.checks import Checked
from benchmark.tables import claimed
from benchmark.wording import numbers, words

NOT_RUN = {
    "says": "", "verdict": "undecided", "kind": "", "estimate": "–", "interval": "",
    "expected": "", "seeds": "", "note": "not run",
}  # fmt: skip
"""What is said of a claim whose scenario is not among the results."""


@dataclass(frozen=True)
class Content:
    """What the text may use; the form of ``content.json``.

    Attributes:
        facts: name → text; counts and ranges over everything.
        claims: "scenario/claim" → what is said of it.
        scenarios: one row each: name, family, question, counts of verdicts, runs.
        statements: one row per statement of the posts.
        suspects: scenario → its suspects, the largest share first.
        sources: setting → its crossed sources, the largest total share first.
        causes, cures: rows of the overview, the strongest first.
        named: how the classifier of causes does: way of holding out → texts.
        figures: name → file, of those that could be drawn.
        signs: verdict → its sign.
    """

    facts: dict[str, str]
    claims: dict[str, dict[str, str]]
    scenarios: list[dict[str, str]]
    statements: list[dict[str, Any]]
    suspects: dict[str, list[dict[str, str]]]
    sources: dict[str, list[dict[str, str]]]
    causes: list[dict[str, str]]
    cures: list[dict[str, str]]
    named: dict[str, dict[str, str]]
    figures: dict[str, str]
    signs: dict[str, str]

    def as_json(self) -> dict[str, Any]:
        """Plain data."""
        return asdict(self)


def collect(
    answers: Mapping[str, Answer],
    table: Overview,
    checked: Checked | None,
    figures: Mapping[str, str],
) -> Content:
    """Put all verdicts and tables in words.

    Args:
        answers: scenario → its answer, which may be empty.
        table: causes and cures over all of them.
        checked: what the checks found, if they were run.
        figures: name → file, of those that could be drawn.
    """
    every = list(answers.values())
    claims = {place: said for found in every for place, said in _claims(found)}
    return Content(
        facts=facts(every, table, checked),
        claims=claims,
        scenarios=[_scenario(found) for found in every],
        statements=[_statement(each, claims) for each in statements()],
        suspects={found.scenario.name: _suspects(found) for found in every},
        sources={arm: rows for found in every for arm, rows in _sources(found).items()},
        causes=[_row(row) for row in _known(table.causes)],
        cures=[_row(row) for row in _known(table.cures)[::-1]],
        named={each.held_out: _named(each) for each in table.confusions},
        figures=dict(figures),
        signs=claimed.SIGNS,
    )


def _claims(found: Answer) -> Iterator[tuple[str, dict[str, str]]]:
    scenario = found.scenario
    for claim, verdict in zip(scenario.claims, found.verdicts, strict=True):
        yield f"{scenario.name}/{claim.name}", _claim(verdict, claim)


def _claim(verdict: Verdict, claim: Claim) -> dict[str, str]:
    return {
        "says": verdict.says,
        "verdict": verdict.verdict,
        "estimate": numbers.number(verdict.number.estimate),
        "interval": numbers.interval(*verdict.number.ends),
        "kind": claim.expect.quantity,
        "expected": claimed.region(verdict, claim.measure),
        "seeds": str(verdict.seeds_to_decide or ""),
        "note": verdict.note,
    }


def _scenario(found: Answer) -> dict[str, str]:
    scenario = found.scenario
    runs = list(found.runs.values())
    return {
        "name": scenario.name,
        "family": scenario.family,
        "question": scenario.question,
        "conditions": numbers.count(len(runs)),
        "runs": numbers.count(sum(runs)),
        "seeds": numbers.span(runs),
        **{
            kind: str(sum(verdict.verdict == kind for verdict in found.verdicts))
            for kind in KINDS
        },
    }


def _suspects(found: Answer) -> list[dict[str, str]]:
    """Of the factorial's first measure."""
    if not found.attributions:
        return []
    first = found.attributions[0]
    measures = {m.name: m for m in attributed(found.scenario)}
    return [
        {
            "name": effect.suspects[0].replace("_", " "),
            "effect": _sized(effect.effect.estimate, first.log),
            "interval": numbers.interval(*effect.effect.ends),
            "share": numbers.percent(effect.share.estimate),
            "share_interval": numbers.percents(*effect.share.ends),
            "measure": measures[first.measure].words,
            "alone": numbers.percent(effect.own),
            "interactions": numbers.percent(first.together.estimate),
            "explained": numbers.percent(first.explained),
        }
        for effect in first.suspects
    ]


def _sized(effect: float, as_factor: bool) -> str:
    return numbers.factor(effect) if as_factor else numbers.number(effect)


def _sources(found: Answer) -> dict[str, list[dict[str, str]]]:
    """Of the first measure, by setting."""
    first = {each.arm: each for each in reversed(found.components)}
    return {
        arm: [
            {
                "name": source.source.replace("_", " "),
                "main": numbers.percent(source.main.estimate),
                "total": numbers.percent(source.total.estimate),
                "together": numbers.percent(each.interactions.estimate),
            }
            for source in each.sources
        ]
        for arm, each in first.items()
    }


def _statement(of: Statement, claims: Mapping[str, dict[str, str]]) -> dict[str, Any]:
    place = f"{of.scenario}/{of.claim}"
    tested = claims.get(place) or NOT_RUN
    return {**tested, "post": of.post, "claim": tested["says"], "says": of.says,
            "place": place, "scenario": of.scenario, "nearest": of.nearest}  # fmt: skip


def _known(rows: Sequence[Row]) -> list[Row]:
    """Those with an effect on the jitter of validation, the largest factor first."""
    known = [row for row in rows if row.on(JITTER).number.estimate is not None]
    return sorted(known, key=lambda row: -(row.on(JITTER).number.estimate or 0.0))


def _row(row: Row) -> dict[str, str]:
    jitter = row.on(JITTER)
    return {
        "cause": row.cause,
        "cure": row.cure or "",
        "scenario": row.scenario,
        "change": row.change,
        "factor": numbers.factor(jitter.number.estimate),
        "interval": numbers.interval(*jitter.number.ends),
        "clear": side(jitter),
    }


def _named(found: Confusion) -> dict[str, str]:
    return {
        "share": numbers.percent(found.accuracy.estimate),
        "interval": numbers.percents(*found.accuracy.ends),
        "chance": numbers.percent(found.chance),
        "mixed": words.listed([" with ".join(pair.causes) for pair in found.mixed_up]),
    }
