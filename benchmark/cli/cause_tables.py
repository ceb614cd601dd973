"""Tables for people: causes, cures, fingerprints and confusions."""

from collections.abc import Sequence

from rich.table import Table
from rich.text import Text

from benchmark.cli.tables import console, number
from benchmark.statistics.causes import Row
from benchmark.statistics.confusion import MIXED_UP, Confusion
from benchmark.statistics.fingerprints import Fingerprint
from benchmark.statistics.overview import Overview
from benchmark.statistics.paired import Effect

_MARKS = 4
"""Features named for each cause."""


def print_overview(found: Overview) -> None:
    """Print all tables that have rows."""
    out = console()
    if found.causes:
        out.print(rows_table("What each cause does when it is on", found.causes))
    if found.cures:
        out.print(rows_table("What each cure does", found.cures))
    print_recognition(found.fingerprints, found.confusions)


def print_recognition(
    fingerprints: Sequence[Fingerprint], confusions: Sequence[Confusion]
) -> None:
    """Print what marks causes leave on the curves, and which are told apart by them."""
    out = console()
    if fingerprints:
        out.print(fingerprint_table(fingerprints))
    for confusion in confusions:
        out.print(confusion_table(confusion))
        out.print(confusion_words(confusion))


def rows_table(title: str, rows: Sequence[Row]) -> Table:
    """One row per cause or cure: factors with simultaneous 95 % intervals."""
    table = Table(
        title=f"{title}: factor (accuracy: difference) with simultaneous 95 % intervals",
        title_justify="left",
    )
    cures = any(row.cure for row in rows)
    for heading in ("cure", "against") if cures else ("cause",):
        table.add_column(heading, overflow="fold")
    table.add_column("seen in", overflow="fold")
    for effect in rows[0].effects:
        table.add_column(effect.outcome.replace(" ", "\n"), justify="right", overflow="fold")
    for row in rows:
        named = (row.cure or "", row.cause) if cures else (row.cause,)
        strata = f" ({row.strata} strata)" if row.strata > 1 else ""
        where = f"{row.scenario}, {row.arm}" if row.arm else row.scenario
        table.add_row(*named, f"{where}: {row.change}{strata}", *map(_cell, row.effects))
    return table


def _cell(effect: Effect) -> str:
    estimate, low, high = effect.number
    if estimate is None:
        return "–"
    sign = "×" if effect.log else ""
    return f"{sign}{number(estimate)}\n[{number(low)}, {number(high)}]"


def fingerprint_table(rows: Sequence[Fingerprint]) -> Table:
    """For each cause the features that move most, averaged over systems."""
    table = Table(
        title="Fingerprints: features that move most, in SDs between runs, mean over systems "
        "(?: the simultaneous 95 % interval includes 0)",
        title_justify="left",
    )
    table.add_column("cause")
    table.add_column("features")
    for row in rows:
        if row.system != "all":
            continue
        known = [mark for mark in row.marks if mark.shift.estimate is not None]
        known.sort(key=lambda mark: -abs(mark.shift.estimate or 0.0))
        said = []
        for mark in known[:_MARKS]:
            unsure = "" if mark.clear else "?"
            said.append(f"{mark.feature} {mark.shift.estimate:+.1f}{unsure}")
        table.add_row(row.cause, "; ".join(said))
    return table


def confusion_table(found: Confusion) -> Table:
    """Share of the runs of each cause (rows) that is given each name (columns)."""
    table = Table(title=_title(found), title_justify="left", title_style="italic")
    table.add_column("cause, named as →")
    for place in range(len(found.names)):
        table.add_column(str(place), justify="right")
    for place, (name, shares) in enumerate(zip(found.names, found.shares, strict=True)):
        cells = [Text(f"{share:.0%}" if share >= 0.005 else "") for share in shares]
        cells[place] = Text(cells[place].plain or "0%", "bold")
        table.add_row(f"{place} {name}", *cells)
    return table


def _title(found: Confusion) -> str:
    by_system = ", ".join(f"{arm} {share:.0%}" for arm, share in found.by_system.items())
    return (
        f"Held-out {found.held_out}: the cause of {found.accuracy.estimate:.0%} "
        f"[{found.accuracy.low:.0%}, {found.accuracy.high:.0%}] of {found.runs} runs is named "
        f"(a guess: {found.chance:.0%}; {by_system})"
    )


def confusion_words(found: Confusion) -> str:
    """The pairs that are mixed up, in a sentence."""
    said = [f"{' and '.join(pair.causes)} ({pair.rate:.0%})" for pair in found.mixed_up]
    if not said:
        return f"No two causes are taken for each other in {MIXED_UP:.0%} of their runs.\n"
    return f"Taken for each other in at least {MIXED_UP:.0%} of runs: {'; '.join(said)}.\n"
