"""Tables for people: measures with intervals, and verdicts."""

from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from benchmark.declare.designs import ARM
from benchmark.statistics.answer import Answer, shown
from benchmark.statistics.crossed import Components, Part
from benchmark.statistics.factorial import Attribution
from benchmark.statistics.rows import crossed, varying
from benchmark.statistics.verdicts import Verdict

_WIDTH_WITHOUT_TERMINAL = 110
_STYLES = {"supported": "green", "refuted": "red", "depends": "blue", "undecided": "yellow"}
_MARKS = {"supported": "✓", "refuted": "✗", "depends": "±", "undecided": "?"}


def console() -> Console:
    """A console as wide as the terminal, or wide enough for tables in a log.

    It prints texts as they are: brackets and colons of scenarios are no markup. What has a
    style is a `Text`.
    """
    width = None if Console().is_terminal else _WIDTH_WITHOUT_TERMINAL
    return Console(highlight=False, markup=False, emoji=False, width=width)


def number(value: float | None) -> str:
    """Three significant digits; a dash where there is no number."""
    if value is None:
        return "–"
    return f"{value:.3g}" if value == 0 or 1e-3 <= abs(value) < 1e5 else f"{value:.2e}"


def print_answer(answer: Answer) -> None:
    """Print measures, verdicts, and in the end what ranks suspects, sources or causes."""
    resolved, out = answer.results.resolved, console()
    name = Text(f"\n{resolved.scenario.name}", "bold")
    out.print(Text.assemble(name, f": {resolved.scenario.question}"))
    if not answer.conditions:
        out.print("Nothing is stored yet.")
        return
    for arm in resolved.arms or ("",):
        out.print(_measures(answer, arm))
    out.print(_verdicts(answer.verdicts))
    for attribution in answer.attributions:
        out.print(_attribution(attribution))
    for components in answer.components:
        out.print(_components(components))
    if answer.confusions:
        from benchmark.cli.cause_tables import print_recognition

        print_recognition(answer.fingerprints, answer.confusions)
    wanted = len(resolved.members)
    if len(answer.conditions) < wanted:
        out.print(f"{len(answer.conditions)} of {wanted} conditions are stored so far.")


def _measures(answer: Answer, arm: str) -> Table | str:
    """Table of the conditions of an arm, with the settings that differ between them."""
    rows = [row for row in answer.conditions if row["settings"].get(ARM, "") == arm]
    if not rows:
        return f"\n{arm}: nothing is stored yet."
    several, rows = rows, [row for row in rows if not crossed(row)]
    if not rows:
        where = f"{arm}: " if arm else ""
        return f"\n{where}{len(several)} conditions of crossed sources; --json lists them."
    names = [m.name for m in shown(answer.results.resolved.scenario)]
    names = [name for name in names if any(name in row["measures"] for row in rows)]
    paths = varying(answer, rows)
    runs = sorted({row["runs"] for row in rows})
    counted = f"{runs[0]} runs" if len(runs) == 1 else f"{runs[0]}–{runs[-1]} runs"
    title = f"{arm or 'mean'}{': mean' if arm else ''} and 95 % interval over {counted}"
    table = Table(title=title, title_justify="left", title_style="italic")
    for path in paths:
        table.add_column(path.rpartition(".")[2].replace("_", " "), justify="right")
    for name in names:
        table.add_column(name.replace("(", "\n(", 1), justify="right")
    events = [event for event in ("diverged", "spiked") if any(row[event] for row in rows)]
    for event in events:
        table.add_column(f"{event}\nruns", justify="right")
    for row in rows:
        cells = [_setting(row["settings"].get(path)) for path in paths]
        cells += [_interval(row["measures"].get(name)) for name in names]
        table.add_row(*cells, *(_setting(row[event]) for event in events))
    return table


def _setting(value: Any) -> str:
    return number(value) if isinstance(value, float) else str(value)


def _interval(cell: dict[str, Any] | None) -> str:
    """``mean [low, high]``."""
    if cell is None or cell["mean"] is None:
        return "–"
    if cell["low"] is None or cell["low"] == cell["high"]:
        return number(cell["mean"])
    return f"{number(cell['mean'])} [{number(cell['low'])}, {number(cell['high'])}]"


def _attribution(found: Attribution) -> Table:
    """The suspects of a factorial, the largest share first, and the main interactions."""
    where = f"{found.arm}: " if found.arm else ""
    title = (
        f"{where}who moves {found.measure}? {found.explained:.0%} of its variance over "
        f"{found.runs} runs lies between conditions"
    )
    table = Table(title=title, title_justify="left", title_style="italic")
    table.add_column("suspect")
    kind = "factor" if found.log else "difference"
    table.add_column(f"{kind} when on [95 %, simultaneous]", justify="right")
    table.add_column("share [95 %]", justify="right")
    table.add_column("alone", justify="right")
    strong = [effect for effect in found.interactions if effect.share >= 0.05]
    for effect in (*found.suspects, *strong):
        name = " × ".join(word.replace("_", " ") for word in effect.suspects)
        cell = {"mean": effect.effect, "low": effect.low, "high": effect.high}
        share = f"{effect.share:.0%} [{effect.share_low:.0%}, {effect.share_high:.0%}]"
        table.add_row(name, _interval(cell), share, f"{effect.own:.0%}")
    together = f"{found.together:.0%} [{found.together_low:.0%}, {found.together_high:.0%}]"
    table.add_row("only together", "", together, "")
    return table


def _components(found: Components) -> Table:
    """The crossed sources, the largest total share first, and their interactions."""
    where = f"{found.arm}: " if found.arm else ""
    sd = _interval({"mean": found.sd.estimate, "low": found.sd.low, "high": found.sd.high})
    title = (
        f"{where}which source spreads {found.measure}? SD {sd} over {found.replicates} × "
        f"{found.conditions} runs"
    )
    table = Table(title=title, title_justify="left", title_style="italic")
    table.add_column("source")
    for kind in ("main", "total", "interactions split"):
        table.add_column(f"{kind} [95 %]", justify="right")
    for source in found.sources:
        parts = (source.main, source.total, source.shapley)
        table.add_row(source.source.replace("_", " "), *map(_share, parts))
    table.add_row("only together", _share(found.interactions), "", "")
    return table


def _share(part: Part) -> str:
    if part.estimate is None or part.low is None or part.high is None:
        return "–"
    return f"{part.estimate:.0%} [{part.low:.0%}, {part.high:.0%}]"


def _verdicts(verdicts: list[Verdict]) -> Table:
    table = Table(title="claims", title_justify="left")
    table.add_column("verdict")
    table.add_column("claim", ratio=3)
    table.add_column("estimate [95 %]", justify="right")
    table.add_column("expected", ratio=1)
    for verdict in verdicts:
        style = _STYLES[verdict.verdict]
        notes = [verdict.note] if verdict.note else []
        if verdict.seeds_to_decide:
            notes.append(f"about {verdict.seeds_to_decide} seeds would decide")
        said = Text.assemble((verdict.name, "bold"), f": {verdict.says}")
        if notes:
            said.append(f" ({'; '.join(notes)})", "dim")
        cell = {"mean": verdict.estimate, "low": verdict.low, "high": verdict.high}
        mark = Text(f"{_MARKS[verdict.verdict]} {verdict.verdict}", style)
        table.add_row(mark, said, _interval(cell), verdict.region)
    return table
