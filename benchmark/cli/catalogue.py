"""``list``, ``show`` and ``status``: what there is and what is done; no JAX here."""

import shlex
import sys
from collections.abc import Collection
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from benchmark.cli.completion import scenario_names
from benchmark.cli.listing import listed
from benchmark.cli.options import (
    AsJson,
    Folder,
    Name,
    Scale,
    Scenarios,
    Seeds,
    Set,
    asked,
    print_json,
    resolve,
)
from benchmark.declare.errors import UserError
from benchmark.declare.identity import canonical
from benchmark.declare.places import reference_name, scenario_files
from benchmark.workbench.asked import resolved as resolved_as
from benchmark.workbench.asked import results_root
from benchmark.workbench.stock import reference_root

if TYPE_CHECKING:
    from benchmark.declare.scenario import Resolved
    from benchmark.store.variants import Variant


def list_scenarios(
    scale: Scale = "quick",
    results: Folder = None,
    scenarios: Scenarios = None,
    as_json: AsJson = False,
) -> None:
    """List all scenarios: question, expected time on 2 cores, and what is done."""
    rows: list[dict[str, Any]] = []
    for name, path in scenario_files(scenarios or []).items():
        try:
            held = listed(path, scale)
            root = results_root(results)
            done = stored(name, held.blocks, root)
            row = {
                "name": name,
                "family": held.family,
                "question": held.question,
                "status": describe(done, len(held.blocks), _has_reference(name, scale)),
                "minutes": held.minutes,
                "variants": sum(not each.asked.plain for each in _variants(root / name)),
            }
        except UserError as error:
            row = {"name": name, "family": "", "question": str(error), "status": "broken"}
        rows.append(row)
    if as_json:
        print_json(rows)
        return
    from rich.console import Console
    from rich.table import Table

    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("scenario", no_wrap=True)
    for heading in ("family", "question", "time", "status"):
        table.add_column(heading, overflow="fold")
    for row in rows:
        time = _time(row["minutes"]) if "minutes" in row else ""
        more = row.get("variants", 0)
        also = f", {more} variant{'s' * (more > 1)}" if more else ""
        status = f"{row['status']}{also}"
        table.add_row(row["name"], row["family"], row["question"], time, status)
    Console(markup=False, emoji=False).print(table)


def _time(minutes: float) -> str:
    """A running time in words.

    >>> _time(1.42), _time(95), _time(4600), _time(7e5)
    ('1.4 min', '1.6 h', '3.19 days', '486 days')
    """
    if minutes < 90:
        return f"{minutes:.1f} min"
    hours = minutes / 60
    return f"{hours:.1f} h" if hours < 48 else f"{hours / 24:.3g} days"


def show(
    name: Name,
    scale: Scale = "quick",
    seeds: Seeds = None,
    settings: Set = None,
    scenarios: Scenarios = None,
    as_json: AsJson = False,
) -> None:
    """Show a scenario's declaration: conditions, settings and claims."""
    from benchmark.declare.effort import expected_seconds

    resolved = resolve(name, scale, seeds, settings, scenarios)
    scenario = resolved.scenario
    if as_json:
        print_json(
            {
                "name": scenario.name,
                "question": scenario.question,
                "says": scenario.says,
                "family": scenario.family,
                "scale": resolved.scale,
                "seeds": resolved.seeds,
                "axes": resolved.axes,
                "base": canonical(scenario.base, whole=True),
                "conditions": [
                    {"id": m.condition.id, "settings": resolved.settings(m)}
                    for m in resolved.members
                ],
                "claims": [canonical(claim, whole=True) for claim in scenario.claims],
            }
        )
        return
    from rich.console import Console

    console = Console(highlight=False, markup=False, emoji=False)
    console.print(scenario.question, style="bold")
    console.print(f"{scenario.says}\n")
    console.print(
        f"{len(resolved.conditions)} conditions × {resolved.seeds} seeds at scale "
        f"{resolved.scale}, about {_time(expected_seconds(resolved) / 60)} on 2 cores."
    )
    _show_settings(console, resolved)
    console.print("\nClaims", style="bold")
    for claim in scenario.claims:
        console.print(f"  {claim.name}: {claim.says}", soft_wrap=True)
        said = f"{claim.measure.words}: {claim.expect.words}"
        console.print(f"    {said}", soft_wrap=True)


_OFF = (("None",), ("",))
"""Levels, in words, of settings that are switched off."""


def _show_settings(console: Any, resolved: "Resolved") -> None:
    """What is fixed once, what varies with its levels, and what is off in one paragraph."""
    console.print("\nSettings; --set takes these paths", style="bold")
    off = []
    for path, levels in resolved.levels.items():
        if levels in _OFF:
            off.append(path)
            continue
        mark = "  varies: " if len(levels) > 1 else "  "
        said = ", ".join(level or "none" for level in levels)
        console.print(f"{mark}{path} = {said}", soft_wrap=True)
    if off:
        from rich.padding import Padding

        console.print(Padding(f"none: {', '.join(off)}", (0, 0, 0, 2)))


def status(
    names: Annotated[
        list[str] | None,
        typer.Argument(help="Scenarios; default: all.", autocompletion=scenario_names),
    ] = None,
    scale: Scale = "quick",
    seeds: Seeds = None,
    settings: Set = None,
    results: Folder = None,
    scenarios: Scenarios = None,
    as_json: AsJson = False,
) -> None:
    """Say how much of each scenario is stored."""
    root = results_root(results)
    rows: list[dict[str, Any]] = []
    for name in names or list(scenario_files(scenarios or [])):
        wanted = asked(name, scale, seeds, settings)
        resolved = resolved_as(name, wanted, scenarios or [])
        done, needed = progress(resolved, root)
        found = _variants(root / name)
        shards = [s for each in found if each.asked.name == wanted.name for s in each.shards]
        # One that differs in nothing was run in parts.
        others = [each for each in found if not each.asked.plain]
        rows.append(
            {
                "name": name,
                "scale": scale,
                "status": describe(done, needed, _has_reference(name, scale)),
                "blocks_done": done,
                "blocks": needed,
                "folder": str(root / name),
                "shards": _shards(resolved, shards, root),
                "variants": [_told(name, each, root, scenarios or []) for each in others],
            }
        )
    if as_json:
        print_json(rows)
        return
    for row in rows:
        print(f"{row['name']:22} {row['status']:28} {row['folder']}")
        for shard in row["shards"]:
            print(f"  shard {shard['shard']:14} {_count(shard):28}")
        for each in row["variants"]:
            print(f"  variant {each['name']:12} {_count(each):28} {each['flags']}")


def _count(row: dict[str, Any]) -> str:
    return describe(row["blocks_done"], row["blocks"])


def _variants(folder: Path) -> "list[Variant]":
    if not folder.is_dir():
        return []
    from benchmark.store.variants import variants

    return variants(folder)


def _told(name: str, variant: "Variant", root: Path, scenarios: list[Path]) -> dict[str, Any]:
    """A variant, and how much of it is stored."""
    told = {"name": variant.asked.name, "flags": shlex.join(variant.asked.flags)}
    try:
        which = resolved_as(name, variant.asked, scenarios)
    except UserError as error:
        # The scenario was edited since, and has no such setting any more.
        return told | {"blocks_done": 0, "blocks": 0, "shards": [], "flags": str(error)}
    done, needed = progress(which, root)
    shards = _shards(which, variant.shards, root)
    return told | {"blocks_done": done, "blocks": needed, "shards": shards}


def _shards(resolved: "Resolved", shards: Collection[str], root: Path) -> list[dict[str, Any]]:
    """The parts that were run apart, and how much of each is stored."""
    if not shards:
        return []
    from benchmark.execution.plan import shard
    from benchmark.store.results import Results

    held, name = Results.at(resolved, root), resolved.scenario.name
    told = []
    for part in shards:
        try:
            blocks = [block.filename for block in shard(held.all_blocks(), part)]
        except UserError:
            continue
        done = stored(name, blocks, root)
        told.append({"shard": part, "blocks_done": done, "blocks": len(blocks)})
    return told


def _has_reference(name: str, scale: str) -> bool:
    return (reference_root(None) / reference_name(name, scale)).is_file()


def progress(resolved: "Resolved", root: Path) -> tuple[int, int]:
    """Blocks stored and needed, see `stored`."""
    from benchmark.store.names import block_names

    names = block_names(resolved)
    return stored(resolved.scenario.name, names, root), len(names)


def stored(scenario: str, blocks: Collection[str], root: Path) -> int:
    """How many of a scenario's blocks are stored, at a glance: reading them would take long.

    Says on standard error how many were cut off, or are no files of results at all.
    """
    from benchmark.store.seal import looks_sealed

    folder = root / scenario
    there = {path.name for path in folder.glob("*.nc")} if folder.is_dir() else set()
    there.intersection_update(blocks)
    damaged = sum(not looks_sealed(folder / name) for name in there)
    if damaged:
        from benchmark.store.names import left_out

        print(left_out(scenario, damaged), file=sys.stderr)
    return len(there) - damaged


def describe(done: int, needed: int, reference: bool = False) -> str:
    """Progress in words; where nothing was run there may be the reference."""
    if done and done == needed:
        return "done"
    if done:
        return f"{done} of {needed} blocks"
    return "reference" if reference else "not run"
