"""Counts over everything that the paper tells."""

from collections.abc import Mapping, Sequence

from benchmark.answers.answer import Answer
from benchmark.answers.overview import Overview
from benchmark.posts import posts, statements
from benchmark.statistics.attribution.causes import Row
from benchmark.statistics.attribution.effects import JITTER, Effect
from benchmark.statistics.claims.verdicts import KINDS, Verdict
from benchmark.store.checks import Checked
from benchmark.wording import numbers


def facts(
    answers: Sequence[Answer], table: Overview, checked: Checked | None
) -> dict[str, str]:
    """Name → text.

    Args:
        answers: of all scenarios.
        table: causes and cures over all of them.
        checked: what the checks found, if they were run.
    """
    runs = [count for found in answers for count in found.runs.values()]
    scales = dict.fromkeys(found.resolved.scale for found in answers)
    return {
        "scenarios": str(len(answers)),
        "scale": " and ".join(scales),
        "conditions": numbers.count(len(runs)),
        "runs": numbers.count(sum(runs)),
        "seeds": numbers.span(runs),
        "posts": numbers.word(len(posts())),
        "statements": str(len(statements())),
        "nearest": numbers.word(sum(each.nearest for each in statements())),
        **_verdicts(answers),
        **_effects("causes", table.causes),
        **_effects("cures", table.cures),
        **_checks(checked),
    }


def _verdicts(answers: Sequence[Answer]) -> dict[str, str]:
    held: dict[str, Verdict] = {
        f"{found.scenario.name}/{verdict.name}": verdict
        for found in answers
        for verdict in found.verdicts
    }
    tested = [held.get(f"{each.scenario}/{each.claim}") for each in statements()]
    return {
        "claims": numbers.count(len(held)),
        **_counts("", list(held.values())),
        **_counts("statements_", tested),
    }


def _counts(prefix: str, verdicts: Sequence[Verdict | None]) -> dict[str, str]:
    """How many are of each kind; what has no verdict is undecided."""
    kinds = [verdict.verdict if verdict else "undecided" for verdict in verdicts]
    return {f"{prefix}{kind}": str(kinds.count(kind)) for kind in KINDS}


def _effects(name: str, rows: Sequence[Row]) -> dict[str, str]:
    """How many surely raise the jitter of validation, and how many lower it.

    Of those that have an effect on it: some are about training curves only.
    """
    sides = [side(row.on(JITTER)) for row in rows if row.on(JITTER).number.estimate is not None]
    counts: Mapping[str, str] = {
        f"{name}_{kind}": str(sides.count(kind)) for kind in ("raise", "lower", "neither")
    }
    return {name: str(len(sides)), **counts}


def side(effect: Effect) -> str:
    """Whether a factor is surely above 1 ("raise"), below ("lower"), or "neither"."""
    if effect.number.surely_above(1.0):
        return "raise"
    return "lower" if effect.number.surely_below(1.0) else "neither"


def _checks(checked: Checked | None) -> dict[str, str]:
    rows = checked.comparisons if checked else ()
    return {
        "checks": str(len(rows)),
        "checks_hold": str(sum(bool(row["holds"]) for row in rows)),
        "checks_scale": checked.scale if checked else "none",
    }
