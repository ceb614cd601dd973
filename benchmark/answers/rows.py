"""The rows of an answer's table: which settings tell its conditions apart."""

from collections.abc import Sequence

from benchmark.answers.answer import Answer
from benchmark.answers.summary import ConditionSummary
from benchmark.declare.designs import SOURCE


def crossed(row: ConditionSummary) -> bool:
    """Whether a row of `Answer.summaries` is one of crossed sources of randomness."""
    return any(path.startswith(SOURCE) for path in row.settings)


def varying(answer: Answer, rows: Sequence[ConditionSummary]) -> list[str]:
    """Paths of the settings that differ between rows: declared axes first, derived ones last.

    Args:
        answer: whose conditions they are.
        rows: some of `Answer.summaries`.

    Returns:
        At least one path where the scenario varies anything.
    """
    resolved = answer.resolved
    paths = [path for path in resolved.axes if path != "probes"]
    held = [row.settings for row in rows]
    for name in resolved.scenario.derive:
        levels = [settings.get(name) for settings in held]
        if len(set(map(str, levels))) == len(rows) and all(isinstance(v, str) for v in levels):
            # Its name tells a condition from all others: a dozen settings would not fit.
            return [name]
    paths = [*paths, *resolved.scenario.derive]
    differing = [path for path in paths if len({str(s.get(path)) for s in held}) > 1]
    return differing or paths[:1]
