"""``verify``: the scenario with other seeds, held against the reference."""

import math
import os
import re
import statistics
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from benchmark.cli.completion import scenario_names
from benchmark.cli.options import (
    AsJson,
    Folder,
    References,
    Scale,
    Scenarios,
    Seeds,
    print_json,
    resolve,
)
from benchmark.declare.errors import require
from benchmark.declare.identity import code_digest, digest
from benchmark.declare.places import scenario_files
from benchmark.workbench.asked import results_root
from benchmark.workbench.stock import reference_root, the_reference

if TYPE_CHECKING:
    from benchmark.answers.agreement import Agreement, Judged
    from benchmark.declare.scenario import Resolved
    from benchmark.statistics.inference.intervals import Interval
    from benchmark.store.reference import Reference

FIRST_SEED = 1_000_000
"""Where the fresh seeds begin; those of the reference begin at 0 and never come here."""


def verify(
    names: Annotated[
        list[str] | None,
        typer.Argument(help="Scenarios to verify.", autocompletion=scenario_names),
    ] = None,
    every: Annotated[
        bool, typer.Option("--all", help="Verify all scenarios that have a reference.")
    ] = False,
    scale: Scale = "quick",
    seeds: Seeds = None,
    results: Folder = None,
    reference: References = None,
    scenarios: Scenarios = None,
    device: Annotated[str, typer.Option(help="auto, cpu or gpu.")] = "auto",
    as_json: AsJson = False,
) -> None:
    """Run scenarios here with new seeds and say, measure by measure, whether they agree.

    A measure agrees if it is surely within a margin: a run-to-run SD of the reference, but at
    least 5 % and at most a factor 1.5; for SDs over runs a factor 1.5, for shares of runs
    0.25. It differs if it does not, and a difference is sure at a level of 5 % for all rows of
    all scenarios of this call together (Holm). What is below the resolution of single
    precision is equal. Verdicts on claims are compared as well: supported against refuted
    differs, other changes are listed. Exit status 1 if anything differs, or if there is
    nothing to compare.
    """
    chosen = list(names or [])
    if every:
        there = {path.name for path in reference_root(reference).glob(f"*-{scale}.nc")}
        files = scenario_files(scenarios or [])
        chosen = [name for name in files if f"{name}-{scale}.nc" in there]
    require(bool(chosen), "Name a scenario that has reference results, or give --all.")
    known = [
        the_reference(resolve(name, scale, None, None, scenarios), reference) for name in chosen
    ]
    wanted = [resolve(name, "quick", seeds, None, scenarios).seeds for name in chosen]
    fresh = [_fresh(held, count) for held, count in zip(known, wanted, strict=True)]

    from benchmark.execution.run import Options
    from benchmark.execution.run import run as execute
    from benchmark.workbench.progress import shown_progress

    # Scenarios without code of their own share a folder, and so are run together.
    roots = {each.scenario.name: results_root(results) / _folder(each) for each in fresh}
    failures: Counter[str] = Counter()
    for root in dict.fromkeys(roots.values()):
        alike = [each for each in fresh if roots[each.scenario.name] == root]
        with shown_progress(root, alike) as listener:
            failures.update(execute(alike, root, Options(device), listener).failures)
    for reason, count in failures.items():
        typer.echo(f"{count} blocks failed: {reason}", err=True)
    if failures:
        raise typer.Exit(1)
    found = _compared(known, fresh, roots)
    if as_json:
        print_json([_json(each) for each in found])
    else:
        for each in found:
            _print(each)
        print(_closing(found))
    if not all(each.agrees for each in found):
        raise typer.Exit(1)


def _folder(fresh: "Resolved") -> Path:
    """Where fresh runs are kept: those that other code made must not vouch for today's."""
    from benchmark.store.blocks import versions

    # Or compiled otherwise.
    made = [code_digest(*fresh.conditions), versions(), os.environ.get("XLA_FLAGS", "")]
    return Path("verify", digest(made))


@dataclass(frozen=True)
class _Found:
    """One scenario, held against its reference."""

    held: "Reference"
    mine: "Resolved"
    rows: "list[Agreement]"
    judged: "list[Judged]"

    @property
    def name(self) -> str:
        return self.mine.scenario.name

    @property
    def counts(self) -> Counter[str]:
        return Counter(row.outcome for row in self.rows)

    @property
    def comparisons(self) -> int:
        """Rows that say something."""
        return len(self.rows) - self.counts["rounding"]

    @property
    def verdicts(self) -> Counter[str]:
        return Counter(each.outcome for each in self.judged)

    @property
    def agrees(self) -> bool:
        differ = self.counts["differs"] + self.verdicts["reversed"]
        return self.comparisons > 0 and differ == 0


def _fresh(held: "Reference", seeds: int) -> "Resolved":
    """The conditions of the reference with seeds of their own."""
    ids = {each["id"] for each in held.about["conditions"]}
    members = tuple(m for m in held.resolved.members if m.condition.id in ids)
    return replace(held.resolved, members=members, seeds=seeds, first_seed=FIRST_SEED)


def _compared(
    known: "Sequence[Reference]", fresh: "Sequence[Resolved]", roots: dict[str, Path]
) -> list[_Found]:
    from benchmark.answers.agreement import Judged, agreements, together
    from benchmark.answers.answer import judged, judged_conditions
    from benchmark.statistics.claims.verdicts import judge
    from benchmark.store.results import Results

    tables, verdicts = [], []
    for held, mine in zip(known, fresh, strict=True):
        root = roots[mine.scenario.name]
        there, here = judged_conditions(held), judged_conditions(Results.at(mine, root))
        tables.append(agreements(there, here, judged(mine.scenario)))
        both = (judge(mine.scenario.claims, side) for side in (there, here))
        verdicts.append([Judged(*pair) for pair in zip(*both, strict=True)])
    # Decided when all is computed: one family.
    rows = together(tables)
    return [_Found(*each) for each in zip(known, fresh, rows, verdicts, strict=True)]


def _json(found: _Found) -> dict[str, Any]:
    """Plain data; infinite numbers, which JSON does not have, are null."""
    mine = found.mine
    return {
        "scenario": found.name,
        "scale": mine.scale,
        "reference_runs": found.held.seeds,
        "fresh_runs": mine.seeds,
        "first_seed": mine.first_seed,
        "agrees": found.agrees,
        "comparisons": found.comparisons,
        "noticeable_sds": _finite(_typical_shift(found.rows)),
        "rows": [_row_json(row) for row in found.rows],
        "claims": [
            {
                "claim": each.reference.name,
                "reference": each.reference.verdict,
                "here": each.fresh.verdict,
                "outcome": each.outcome,
            }
            for each in found.judged
        ],
    }


def _row_json(row: "Agreement") -> dict[str, Any]:
    from benchmark.statistics.inference.equivalence import KEYS

    numbers = dict.fromkeys(KEYS) if row.compared is None else row.compared.as_json()
    return {
        "condition": row.condition,
        "measure": row.measure,
        "outcome": row.outcome,
        **{key: _finite(each) for key, each in numbers.items()},
        "adjusted_p": None if row.compared is None else row.adjusted_p,
        "noticeable": _finite(row.noticeable),
        "noticeable_sds": _finite(row.noticeable_sds),
    }


def _finite(value: Any) -> Any:
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _typical_shift(rows: "Sequence[Agreement]") -> float:
    """Median over rows of the shift that would have been noticed, in run-to-run SDs."""
    shifts = [row.noticeable_sds for row in rows if not math.isnan(row.noticeable_sds)]
    return statistics.median(shifts) if shifts else math.nan


def _print(found: _Found) -> None:
    from rich.table import Table
    from rich.text import Text

    from benchmark.answers.agreement import tallies
    from benchmark.cli.tables import console
    from benchmark.wording.numbers import number

    held, mine, rows = found.held, found.mine, found.rows
    name = mine.scenario.name
    title = (
        f"{name}: {mine.seeds} fresh runs per condition against {held.seeds} of the reference"
    )
    table = Table(title=title, title_justify="left", title_style="italic", box=None)
    table.add_column("measure, and its worst condition", overflow="fold", ratio=1)
    for heading in ("agree", "open", "differ"):
        table.add_column(heading, justify="right")
    for heading in ("reference", "here", "here ÷ reference\nor − [90 %]", "margin"):
        table.add_column(heading, justify="right", no_wrap=True)
    for tally in tallies(rows):
        worst = tally.compared
        sign = "×÷ " if worst.scale == "ratio" else "± "
        about = re.sub(r"\b([a-z_]+\.)+(?=[a-z])", "", tally.worst.about).replace("_", " ")
        table.add_row(
            Text.assemble(f"{tally.measure}\n  ", (about, "dim")),
            *(str(count) for count in (tally.agree, tally.open, tally.differ)),
            number(worst.first),
            number(worst.second),
            _difference(worst.difference),
            sign + number(worst.margin),
        )
    console().print(table)
    if held.strangers:
        print(f"{held.strangers} of today's conditions are not in the reference: not compared.")
    lacking = _lacking(mine, rows)
    if lacking:
        print(f"Not in the reference, or not recorded, and not compared: {', '.join(lacking)}.")
    for each in found.judged:
        if each.outcome != "same":
            print(
                f"The claim {each.reference.name!r} is {each.reference.verdict} in the "
                f"reference and {each.fresh.verdict} here"
                f"{': it DIFFERS.' if each.outcome == 'reversed' else '.'}"
            )
    print(_sentence(found))


def _difference(found: "Interval[float]") -> str:
    from benchmark.wording.numbers import number

    return f"{number(found.estimate)} [{number(found.low)}, {number(found.high)}]"


def _sentence(found: _Found) -> str:
    """What became of one scenario."""
    counts, verdicts = found.counts, found.verdicts
    if not found.comparisons:
        return (
            f"{found.name}: nothing could be compared with the reference, so that nothing "
            "is said to agree."
        )
    verdict = "agrees with" if found.agrees else "DIFFERS from"
    doubt = ", as far as so many runs tell" if found.agrees and counts["open"] else ""
    rounding = counts["rounding"]
    return (
        f"{found.name} {verdict} the reference{doubt}: {counts['agrees']} of "
        f"{found.comparisons} comparisons agree, {counts['open']} are open, "
        f"{counts['differs']} differ"
        + (f" ({rounding} more are of nothing but rounding)" if rounding else "")
        + f"; of {len(found.judged)} verdicts {verdicts['same']} are the same, "
        f"{verdicts['moved']} moved to or from undecided or depends, "
        f"{verdicts['reversed']} are reversed. " + _noticed(found.rows)
    )


def _noticed(rows: "Sequence[Agreement]") -> str:
    shift = _typical_shift(rows)
    if math.isnan(shift):
        return "No row tells which shift it would have noticed."
    if math.isinf(shift):
        return "With so few runs most rows could not have differed, however large the shift."
    return (
        f"A shift of {shift:.2g} run-to-run SDs would have been noticed with 80 % power "
        "(median over rows)."
    )


def _closing(found: Sequence[_Found]) -> str:
    """What holds for the whole call."""
    total = sum(each.comparisons for each in found)
    return (
        f"Family-wise level 5 % (Holm) over all {total} comparisons of this call, "
        f"{len(found)} {'scenario' if len(found) == 1 else 'scenarios'}."
    )


def _lacking(mine: "Resolved", rows: list["Agreement"]) -> list[str]:
    """Measures without any row."""
    from benchmark.answers.answer import judged

    told = {row.measure.removeprefix("no ") for row in rows}
    return [m.name for m in judged(mine.scenario) if m.name not in told]
