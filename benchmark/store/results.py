"""The results of a scenario at a scale: which blocks are there, and what they hold."""

import sys
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

import numpy as np

from benchmark.declare.condition import Condition
from benchmark.declare.identity import code_digest
from benchmark.declare.scenario import Resolved
from benchmark.store.believed import outvoted, read_block
from benchmark.store.blocks import Block
from benchmark.store.files import Stored, code_of, set_aside
from benchmark.store.names import block_spans, left_out


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
        # Before anything is computed: today's code is what will make the blocks.
        today = {block.filename: code_digest(block.condition) for block in self.all_blocks()}
        codes: dict[str, str] = {}
        complete: dict[str, tuple[Block, Hashable]] = {}
        for block, stored in self._present():
            if stored is None:
                set_aside(self.path(block), tell)
            elif len(stored.seeds) >= block.count:
                # Not the runs themselves: there may be more of them than memory.
                complete[block.filename] = (block, _series_of(stored))
                codes[block.filename] = stored.attributes["code"]
        for name in outvoted(complete):
            set_aside(self.path(complete[name][0]), tell)
            del codes[name]
        wanted = [block for block in self.all_blocks() if block.filename not in codes]
        older = sum(code != today[name] for name, code in codes.items())
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

    def _present(self) -> Iterator[tuple[Block, Stored | None]]:
        """Every block of which there is a file, with its runs, or None if it is damaged."""
        for block in self.all_blocks():
            path = self.path(block)
            if path.exists():
                yield block, read_block(path, block)

    def all_runs(self) -> list[Runs]:
        """The stored runs of every condition that has some, in the scenario's order.

        Damaged blocks are left out, and how many is said on standard error, once.
        """
        present = {block.filename: (block, stored) for block, stored in self._present()}
        whole = {f: (b, stored) for f, (b, stored) in present.items() if stored is not None}
        for name in outvoted({f: (b, _series_of(stored)) for f, (b, stored) in whole.items()}):
            del whole[name]
        self._say_left_out(len(present) - len(whole))
        parts: dict[str, list[tuple[Block, Stored]]] = {}
        for block, stored in whole.values():
            parts.setdefault(block.condition.id, []).append((block, stored))
        return [_joined(parts[c.id]) for c in self.resolved.conditions if c.id in parts]

    def _say_left_out(self, count: int) -> None:
        if count and count not in self._said:
            self._said.add(count)
            print(left_out(self.resolved.scenario.name, count), file=sys.stderr)

    @cached_property
    def _said(self) -> set[int]:
        """Numbers of blocks left out that were told of."""
        return set()


def _series_of(stored: Stored) -> Hashable:
    """Names of the series, and the shapes of one run's."""
    return frozenset((name, values.shape[1:]) for name, values in stored.series.items())


def _joined(parts: Sequence[tuple[Block, Stored]]) -> Runs:
    """The runs of the blocks of one condition."""
    joined = {
        name: np.concatenate([stored.series[name][: block.count] for block, stored in parts])
        for name in parts[0][1].series
    }
    seeds = np.concatenate([stored.seeds[: block.count] for block, stored in parts])
    made = tuple(stored.attributes for _, stored in parts)
    return Runs(parts[0][0].condition, seeds, joined, made)


def _made_by_other_code(blocks: int) -> str:
    return (
        f"{blocks} stored blocks were made by other code than today's; they are kept. "
        "Give another folder with --results to compute them anew."
    )
