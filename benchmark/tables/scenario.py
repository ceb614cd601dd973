"""The tables of one scenario: conditions, claims, suspects, sources of randomness."""

from collections.abc import Sequence

from benchmark.answers.answer import Answer, attributed, shown
from benchmark.answers.summary import ConditionSummary, Summary
from benchmark.declare.designs import ARM
from benchmark.declare.measure import Measure
from benchmark.statistics.attribution.crossed import Components
from benchmark.statistics.attribution.factorial import Attribution
from benchmark.statistics.claims.verdicts import Verdict
from benchmark.statistics.inference.intervals import Interval
from benchmark.tables import claimed
from benchmark.tables.anchors import claim_name, scenario_name
from benchmark.tables.table import Cell, Column, Table, measured, plain, share
from benchmark.wording import words
from benchmark.wording.numbers import NOTHING, percent, span


def condition_tables(answer: Answer) -> tuple[Table, ...]:
    """The measures of every condition, a table for each arm; crossed sources are left out."""
    resolved = answer.resolved
    tables = []
    for number, arm in enumerate(resolved.arms or ("",)):
        rows = [r for r in answer.summaries if r.settings.get(ARM, "") == arm]
        rows = [row for row in rows if not row.is_crossed]
        if rows:
            name = f"{scenario_name(resolved.scenario.name)}-conditions-{number}"
            tables.append(_conditions(answer, rows, arm, name))
    return tuple(tables)


def _conditions(answer: Answer, rows: Sequence[ConditionSummary], arm: str, name: str) -> Table:
    measures = [
        measure
        for measure in shown(answer.scenario)
        if any(measure.name in row.measures for row in rows)
    ]
    paths = _varying(answer, rows)
    said = words.settings(paths)
    runs = sorted({row.runs for row in rows})
    alike = len(runs) == 1
    events = [e for e in ("diverged", "spiked") if any(getattr(row, e) for row in rows)]
    body = []
    for row in rows:
        cells = [plain(row.settings.get(path)) for path in paths]
        cells += [_measured(row.measures.get(measure.name)) for measure in measures]
        cells += [] if alike else [plain(row.runs)]
        body.append((*cells, *(plain(getattr(row, event)) for event in events)))
    heads = [
        *(
            Column(
                words.sentence(said[path]),
                numeric=all(row[i].order is not None for row in body),
                key=True,
            )
            for i, path in enumerate(paths)
        ),
        *(Column(words.sentence(each.words), True) for each in measures),
        *([] if alike else [Column("Runs", True)]),
        *(Column(f"{words.sentence(event)} runs", True) for event in events),
    ]
    caption = _of_arm(arm, f"means over {span(runs)} runs with 95 % intervals")
    return Table(name, caption, tuple(heads), tuple(body))


def _varying(answer: Answer, rows: Sequence[ConditionSummary]) -> list[str]:
    """Paths of the settings that differ between rows: declared axes first, derived ones last.

    At least one path where the scenario varies anything.
    """
    resolved = answer.resolved
    paths = [path for path in resolved.axes if path != "probes"]
    by_row = [row.settings for row in rows]
    for name in resolved.scenario.derive:
        levels = [settings.get(name) for settings in by_row]
        if len(set(map(str, levels))) == len(rows) and all(isinstance(v, str) for v in levels):
            # Its name tells a condition from all others: a dozen settings would not fit.
            return [name]
    paths = [*paths, *resolved.scenario.derive]
    differing = [path for path in paths if len({str(s.get(path)) for s in by_row}) > 1]
    return differing or paths[:1]


def _measured(summary: Summary | None) -> Cell:
    return Cell(NOTHING) if summary is None else measured(summary.number)


def claim_table(answer: Answer) -> Table:
    """What each claim says, its verdict, what was measured and what it expects."""
    scenario = answer.scenario
    rows: list[tuple[Cell, ...]] = []
    for claim, verdict in zip(scenario.claims, answer.verdicts, strict=True):
        name = claim_name(scenario.name, claim.name)
        note = f"{claim.name}: {claim.measure.words} {claimed.expectation(claim)}"
        rows.append(
            (
                Cell(words.sentence(claim.says), note=note, name=name),
                verdict_cell(verdict),
                measured(verdict.number),
                Cell(claimed.region(verdict), note=verdict.note),
            )
        )
    heads = (
        Column("Claim"),
        Column("Verdict"),
        Column("Estimate [95\u00a0%]", True),
        Column("Expected"),
    )
    name = f"{scenario_name(scenario.name)}-claims"
    return Table(name, "Claims and verdicts", heads, tuple(rows))


def short_claim_table(answer: Answer) -> Table:
    """Name, verdict and numbers of every claim: a line each."""
    rows = tuple(
        (
            Cell(verdict.verdict, symbol=claimed.SIGNS[verdict.verdict]),
            Cell(verdict.name),
            _in_line(verdict.number),
            Cell(claimed.region(verdict)),
        )
        for verdict in answer.verdicts
    )
    heads = (
        Column("Verdict"),
        Column("Claim"),
        Column("Estimate [95\u00a0%]", True),
        Column("Expected"),
    )
    name = f"{scenario_name(answer.scenario.name)}-claims-short"
    return Table(name, "Verdicts; `summary --long` tells what each claim says", heads, rows)


def _in_line(number: Interval[float | None]) -> Cell:
    cell = measured(number)
    return Cell(f"{cell.text} {cell.note}".strip(), cell.order)


def verdict_cell(verdict: Verdict) -> Cell:
    """The verdict as a badge, and what would decide it if nothing has."""
    seeds = verdict.seeds_to_decide
    note = f"about {seeds:,} seeds would decide" if seeds else ""
    order = float(list(claimed.SIGNS).index(verdict.verdict))
    return Cell(verdict.verdict, order, note, symbol=claimed.SIGNS[verdict.verdict])


def suspect_tables(answer: Answer) -> tuple[Table, ...]:
    """What each suspect of a factorial does, the largest share first."""
    name = scenario_name(answer.scenario.name)
    measures = _measures(answer)
    return tuple(
        _suspects(attribution, measures[attribution.measure], f"{name}-suspects-{number}")
        for number, attribution in enumerate(answer.attributions)
    )


def _suspects(attribution: Attribution, measure: Measure, name: str) -> Table:
    rows = tuple(
        (
            Cell(" × ".join(word.replace("_", " ") for word in effect.suspects)),
            measured(effect.effect, attribution.log),
            share(effect.share),
            Cell(percent(effect.own), effect.own),
        )
        for effect in (*attribution.suspects, *attribution.strong_interactions)
    )
    together = share(attribution.together)
    rows = (*rows, (Cell("only together"), Cell(""), together, Cell("")))
    caption = _of_arm(
        attribution.arm,
        f"who moves the {measure.words}? {percent(attribution.explained)} of its "
        f"variance over {attribution.runs} runs lies between conditions",
    )
    effect = "Factor when on" if attribution.log else "Difference when on"
    heads = (
        Column("Suspect"),
        Column(f"{effect} [95\u00a0%, simultaneous]", True),
        Column("Share of the variance [95\u00a0%]", True),
        Column("Alone", True),
    )
    return Table(name, caption, heads, rows)


def source_tables(answer: Answer) -> tuple[Table, ...]:
    """Which source of randomness spreads the runs, the largest total share first."""
    name = scenario_name(answer.scenario.name)
    measures = _measures(answer)
    return tuple(
        _sources(components, measures[components.measure], f"{name}-sources-{number}")
        for number, components in enumerate(answer.components)
    )


def _sources(components: Components, measure: Measure, name: str) -> Table:
    rows = [
        (
            Cell(source.source.replace("_", " ")),
            *map(share, (source.main, source.total, source.shapley)),
        )
        for source in components.sources
    ]
    rows.append((Cell("only together"), share(components.interactions), Cell(""), Cell("")))
    sd = measured(components.sd)
    caption = _of_arm(
        components.arm,
        f"which source spreads the {measure.words}? SD {sd.text} {sd.note} "
        f"over {components.replicates} × {components.conditions} runs; shares of the variance "
        "with 95 % intervals",
    )
    heads = ("Main", "Total", "Interactions split")
    columns = (Column("Source"), *(Column(head, True) for head in heads))
    return Table(name, caption, columns, tuple(rows))


def _of_arm(arm: str, caption: str) -> str:
    """A caption, with the arm before it where there are several."""
    return words.sentence(f"{arm}: {caption}" if arm else caption)


def _measures(answer: Answer) -> dict[str, Measure]:
    return {each.name: each for each in attributed(answer.scenario)}
