"""The results of a scenario at a scale: which blocks are there, and what they hold."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

import numpy as np

from benchmark.declare.condition import Condition
from benchmark.declare.identity import code_digest
from benchmark.declare.scenario import Resolved
from benchmark.store.blocks import Block
from benchmark.store.files import Stored, code_of, read, set_aside
from benchmark.store.names import block_spans


@dataclass(frozen=True)
class Runs:
    """The stored runs of one condition.

    Attributes:
        condition: what was run.
        seeds: [run].
        series: name → [run, epoch] or [run, epoch, step].
        attributes: of each block, how it was made.
        known: name of a measure → [run], where measures are stored, too. The series then are
            sketches for drawing.
        resolutions: the same of how far rounding moves them, where that is stored.
    """

    condition: Condition
    seeds: np.ndarray
    series: dict[str, np.ndarray]
    attributes: tuple[Mapping[str, Any], ...] = ()
    known: Mapping[str, np.ndarray] = field(default_factory=dict)
    resolutions: Mapping[str, np.ndarray] = field(default_factory=dict)


@runtime_checkable
class Stock(Protocol):
    """Runs that can be asked for: one's own `Results`, or the `Reference`."""

    @property
    def resolved(self) -> Resolved:
        """The scenario."""
        ...

    @property
    def folder(self) -> Path:
        """Where what is made of them goes."""
        ...

    def all_runs(self) -> list[Runs]:
        """The runs of every condition that has some, in the scenario's order."""
        ...


@dataclass(frozen=True)
class Results:
    """Where the blocks of one scenario lie, and which it needs."""

    resolved: Resolved
    folder: Path

    @classmethod
    def at(cls, resolved: Resolved, root: Path) -> "Results":
        """The results of a scenario below the results folder `root`."""
        return cls(resolved, root / resolved.scenario.name)

    def path(self, block: Block) -> Path:
        """The file of a block."""
        return self.folder / block.filename

    def blocks(self, condition: Condition) -> Iterator[Block]:
        """The blocks that together hold the runs of a condition."""
        scenario = self.resolved.scenario
        for first, count in block_spans(self.resolved):
            yield Block(
                scenario.name, scenario.version, condition, first, count, scenario.lanes
            )

    def all_blocks(self) -> list[Block]:
        """The blocks of every condition."""
        return [block for c in self.resolved.conditions for block in self.blocks(c)]

    def missing(self, tell: Callable[[str], None] = lambda message: None) -> list[Block]:
        """Blocks to compute: absent, too short, or damaged (those are set aside)."""
        wanted: list[Block] = []
        older = 0
        for block in self.all_blocks():
            code = code_digest(block.condition)
            dataset = self._stored(block, tell)
            if dataset is None or len(dataset.seeds) < block.count:
                wanted.append(block)
            else:
                older += str(dataset.attributes["code"]) != code
        if older:
            tell(_made_by_other_code(older))
        return wanted

    @property
    def other_code(self) -> str:
        """One sentence on the stored blocks that other code made than today's; "" if none.

        Today's is the package's, and that of the scenario's own classes and functions.
        """
        paths = ((self.path(block), block.condition) for block in self.all_blocks())
        older = sum(
            path.exists() and code_of(path) not in (None, code_digest(condition))
            for path, condition in paths
        )
        return _made_by_other_code(older) if older else ""

    def _stored(self, block: Block, tell: Callable[[str], None]) -> Stored | None:
        path = self.path(block)
        if not path.exists():
            return None
        dataset = read(path)
        if dataset is None:
            set_aside(path, tell)
        return dataset

    def runs(self, condition: Condition) -> Runs | None:
        """The stored runs of a condition, or None if there are none."""
        parts: list[tuple[Stored, int]] = []
        for block in self.blocks(condition):
            stored = read(self.path(block)) if self.path(block).exists() else None
            if stored is not None:
                parts.append((stored, block.count))
        if not parts:
            return None
        names = parts[0][0].series
        joined = {
            name: np.concatenate([s.series[name][:n] for s, n in parts]) for name in names
        }
        seeds = np.concatenate([s.seeds[:n] for s, n in parts])
        return Runs(condition, seeds, joined, tuple(s.attributes for s, _ in parts))

    def all_runs(self) -> list[Runs]:
        """The stored runs of every condition that has some, in the scenario's order."""
        found = (self.runs(condition) for condition in self.resolved.conditions)
        return [runs for runs in found if runs is not None]


def _made_by_other_code(blocks: int) -> str:
    return (
        f"{blocks} stored blocks were made by other code than today's; they are kept. "
        "Give another folder with --results to compute them anew."
    )
